import { describe, expect, it } from '@jest/globals';
import { FakeTable } from './push-stage.fixture.js';
import { SnapshotTexts } from './snapshot-texts.js';

function counting(limit?: number) {
  const table = new FakeTable();
  let made = 0;
  const texts = new SnapshotTexts(
    {
      service: (id) => {
        made += 1;
        return table.service(id);
      },
      revisionOf: (id) => table.revisionOf(id),
      serviceKeys: () => table.serviceKeys(),
    },
    limit,
  );
  const idsOf = (text: string) =>
    (JSON.parse(text) as { instances: { instance_id: string }[] }).instances.map(({ instance_id: id }) => id);
  return { table, texts, idsOf, made: () => made };
}

describe('snapshots as text', () => {
  it('are made once, until the service changes', () => {
    const { table, texts, idsOf, made } = counting();
    table.put('orders', 'a');
    const first = texts.of('orders', 'orders', true);
    expect(texts.of('orders', 'Orders', true)).toBe(first);
    expect(made()).toBe(1);
    table.put('orders', 'b');
    expect(idsOf(texts.of('orders', 'orders', true))).toEqual(['a', 'b']);
  });

  it('of what is unknown are spelt as they are asked for', () => {
    const { texts } = counting();
    expect(texts.of('orders', 'Orders', true)).toBe('{"service_id":"Orders","instances":[]}');
    expect(texts.of('orders', 'ORDERS', true)).toBe('{"service_id":"ORDERS","instances":[]}');
  });

  it('are kept within a limit, those that were used last', () => {
    const { table, texts, made } = counting(500);
    for (const id of ['a', 'b', 'c']) table.put(id, 'i');
    expect(texts.of('a', 'a', true).length).toBeGreaterThan(170);
    for (const id of ['b', 'a', 'c', 'a']) texts.of(id, id, true);
    expect(made()).toBe(3);
    texts.of('b', 'b', true);
    expect(made()).toBe(4);
    texts.of('once', 'once', false);
    expect(made()).toBe(5);
  });
});
