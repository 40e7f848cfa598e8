import fc from 'fast-check';

/** Values that are near the edge of what some field may hold. */
export const oddities = fc.oneof(
  fc.constantFrom(undefined, null, true, '', '/', 'a/', ' a', 'a\n', '\u007f', 'é', '服务', '\ud800', {}, []),
  fc.constantFrom(-1, -0, 0, 0.5, 1, 1500, 1501, 65_535, 65_536, 1_500_000, 1_500_001, 2 ** 31, 2 ** 53),
  fc.constantFrom(
    'http://10.0.0.256:80',
    'http://10.0.0.1:99999',
    'http://10.0.0.1/\\ %#?é',
    'http://10.0.0.1.2/',
  ),
  fc.constantFrom(
    'https://10.0.0.1:1/%',
    'http://10.0.0.1:/',
    'http://010.0.0.1',
    'http://10.0.0.1:1:2',
    'http://1',
  ),
  fc.constantFrom('10.0.0.256', '::1', 'localhost', ' http://a', 'http://a b', 'http:a', 'nothing', 'a:\tb'),
  fc.constantFrom(
    'x'.repeat(255),
    'x'.repeat(256),
    `http://${'x'.repeat(2041)}`,
    `http://${'x'.repeat(2042)}`,
  ),
  fc.constantFrom('up', 'UP', 'alive', 'removed', 'expired', { a: 'b' }, { a: 1 }, { a: 'x'.repeat(16_385) }),
  fc.constantFrom(
    [1, 'a#1', 0, 'a'],
    [1, 'a#1', 1, 'a'],
    [1, 'a 1', 0, 'a'],
    [1, '', 0, 'a'],
    [1, 'a', 0, ''],
  ),
  fc.constantFrom(
    [1, 'a', 0],
    [1, 'a', 0, 'a', 0],
    [-1, 'a', 0, 'a'],
    [0.5, 'a', 0, 'a'],
    [1, 'a', 2 ** 32, 'a'],
  ),
  fc.jsonValue(),
);

/** With another value under a name; as JSON has it, so that `__proto__` is a name like any other. */
export function changed(item: object, name: string, value: unknown): object {
  const rest = Object.entries(item).filter(([other]) => other !== name);
  const text = [...rest, [name, value]]
    .filter(([, held]) => held !== undefined)
    .map(([other, held]) => `${JSON.stringify(other)}:${JSON.stringify(held)}`)
    .join(',');
  return JSON.parse(`{${text}}`) as object;
}

/** These, with up to `most` of the named fields changed to something odd. */
export function withOddities<Item extends object>(
  items: fc.Arbitrary<Item>,
  names: fc.Arbitrary<string>,
  most: number,
): fc.Arbitrary<object> {
  return fc
    .tuple(items, fc.array(fc.tuple(names, oddities), { maxLength: most }))
    .map(([item, changes]) =>
      changes.reduce<object>((odd, [name, value]) => changed(odd, name, value), item),
    );
}
