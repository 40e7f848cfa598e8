import { describe, expect, it } from '@jest/globals';
import { parseArguments, select, sizesOf } from '../../scripts/bench/arguments.mjs';
import { compareLines } from '../../scripts/bench/compare.mjs';
import { columns, figure, number, verdict } from '../../scripts/bench/figures.mjs';
import { benches, growth } from '../../scripts/bench/registry.mjs';
import { Latencies, median, slope } from '../../scripts/bench/statistics.mjs';

// The parts of the benches that need no node. How fast anything is, no test says.
const all = [...benches, ...growth] as { name: string; row?: number; sizes: Sizes }[];
type Sizes = Record<'long' | 'short', Record<string, number>>;

describe('the registry of benches', () => {
  it('has each row of the table once', () => {
    const rows = all.flatMap(({ row }) => row ?? []).sort((a, b) => a - b);
    expect(rows).toEqual(Array.from({ length: 13 }, (_, index) => index + 1));
  });

  it('names each bench once', () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  });

  it.each(all)(
    'knows the same sizes of both forms of $name, and none grows in the short one',
    ({ sizes }) => {
      const { long, short } = sizes;
      expect(Object.keys(short)).toEqual(Object.keys(long));
      expect(Object.entries(short).filter(([key, value]) => value > (long[key] ?? 0))).toEqual([]);
    },
  );
});

describe('the command line', () => {
  it('means every bench in the long form when it is empty', () => {
    expect(parseArguments([])).toMatchObject({ mode: 'run', form: 'long', rows: [], sizes: {} });
    expect(select(benches, [])).toEqual(benches);
  });

  it('takes rows by number and by name, and keeps their order', () => {
    const { rows, form, json } = parseArguments([
      '--row',
      'heal',
      '--short',
      '--row',
      '3',
      '--json',
      'a.json',
    ]);
    expect({ form, json }).toEqual({ form: 'short', json: 'a.json' });
    expect(select(benches, rows).map(({ name }: { name: string }) => name)).toEqual(['discovery', 'heal']);
  });

  it('gives a size to the benches that have it', () => {
    const { sizes } = parseArguments(['--set', 'watchers=7', '--set', 'rounds=1']);
    const [fanOut, saving] = sizesOf(select(benches, ['7', '11']), 'long', sizes);
    expect(fanOut).toEqual({ watchers: 7, rounds: 1 });
    expect(saving).toMatchObject({ rounds: 1, heartbeats: 100 });
  });

  it.each([
    [['--fast'], '--fast is not known'],
    [['3'], '3 is not known'],
    [['--row'], '--row needs a value'],
    [['--json', '--short'], '--json needs a value'],
    [['--set', 'rounds'], '--set rounds: it must be KEY=NUMBER'],
    [['--set', 'rounds=0'], '--set rounds=0: it must be KEY=NUMBER'],
    [['--compare', 'a.json'], '--compare needs two files'],
  ])('refuses %j', (args, message) => {
    expect(() => parseArguments(args)).toThrow(message);
  });

  it('refuses a row and a size that nothing has, and names those that there are', () => {
    expect(() => select(benches, ['14'])).toThrow(/--row 14: there is no such bench.*1 \(heartbeats\)/);
    expect(() => sizesOf(select(benches, ['7']), 'long', { lag: 1 })).toThrow(
      /--set lag: .*watchers, rounds/,
    );
  });
});

describe('statistics', () => {
  it('take the median of an odd and of an even number of values, whatever their order', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5]);
    expect(() => median([])).toThrow('nothing');
  });

  it('take percentiles of times within a thousandth', () => {
    const latencies = new Latencies();
    for (let ms = 1; ms <= 1000; ms += 1) latencies.record(ms);
    const found = [50, 99, 99.9].map((percent) => latencies.percentile(percent));
    for (const [index, exact] of [500, 990, 999].entries())
      expect(Math.abs((found[index] ?? 0) / exact - 1)).toBeLessThan(0.002);
    expect(latencies.count).toBe(1000);
  });

  it('add times to others, and have no percentile of none', () => {
    const [one, other] = [new Latencies(), new Latencies()];
    expect(one.percentile(50)).toBeNaN();
    other.record(0.25);
    one.add(other);
    expect([one.count, number(one.max)]).toEqual([1, '0.250']);
  });

  it('find the power with which a cost grows', () => {
    const growing = (power: number) =>
      [1, 10, 100].map((size): [number, number] => [size, 5 * size ** power]);
    for (const power of [0, 0.5, 1, 2]) expect(slope(growing(power))).toBeCloseTo(power);
    expect(() => slope([[1, 1]])).toThrow('two points');
  });
});

describe('figures', () => {
  it.each([
    [0.5, { must: 1, aim: 0.7 }, 'aim reached'],
    [0.9, { must: 1, aim: 0.7 }, 'reached'],
    [1.1, { must: 1, aim: 0.7 }, 'missed'],
    [0.9, { must: 0.8, aim: 0.9, atLeast: true }, 'aim reached'],
    [0.8, { must: 0.8, aim: 0.9, atLeast: true }, 'reached'],
    [0.7, { must: 0.8, aim: 0.9, atLeast: true }, 'missed'],
    [0.7, { must: 1 }, 'reached'],
    [Number.NaN, { must: 1 }, 'missed'],
    [0.7, {}, ''],
  ])('%d with %j: %s', (value, limits, expected) => {
    expect(verdict(figure('a', value, 'x', limits))).toBe(expected);
  });

  it.each([
    [0, '0'],
    [0.07349, '0.073'],
    [1.2345, '1.23'],
    [45.67, '45.7'],
    [1234.5, '1 235'],
    [-1_234_567, '-1 234 567'],
    [Number.NaN, 'NaN'],
  ])('write %d as %s', (value, text) => {
    expect(number(value)).toBe(text);
  });

  it('stand in columns', () => {
    const rows = [
      ['a', '1', 'ms'],
      ['long', '100', ''],
    ];
    expect(columns(rows, { right: [1] })).toEqual(['a       1  ms', 'long  100']);
  });
});

describe('two runs side by side', () => {
  const machine = {
    processor: 'P',
    cores: 2,
    memoryGiB: 4,
    system: 'S',
    node: 'v20',
    loadAverage: 0,
    placement: 'pinned',
  };
  const run = (value: number, extra: object[] = [], sizes = { rounds: 1 }) => ({
    ...machine,
    date: 'today',
    artemis: '0.1.0',
    commit: 'abcdef',
    dirty: false,
    form: 'long',
    benches: [{ row: 1, name: 'heartbeats', sizes, figures: [figure('rate', value, '/s'), ...extra] }],
  });

  it('tell the ratio of each figure', () => {
    const lines = compareLines(run(100), run(250));
    expect(lines.some((line) => /rate +100 +250 +\/s +2\.50$/.test(line))).toBe(true);
  });

  it('tell what only one of them has, and sizes that differ', () => {
    const gone = [figure('gone', 1, 's')];
    const fresh = [figure('new', 2, 's')];
    const text = compareLines(run(1, gone), run(1, fresh, { rounds: 2 })).join('\n');
    expect(text).toMatch(/sizes differ: A \{"rounds":1\}, B \{"rounds":2\}/);
    expect(text).toMatch(/new +- +2\.00 +s/);
    expect(text).toMatch(/Only A has:\n +heartbeats: gone/);
  });
});
