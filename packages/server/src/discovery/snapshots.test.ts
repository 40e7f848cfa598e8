import type { DiscoveredInstance } from '@artemis/core';
import { expiryOf, keyOf, takeOverOf, toInstanceChange } from '@artemis/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { alive, instanceOf, tableAt, tombstone } from '../registry/registry.fixture.js';
import { RepositorySnapshots } from './snapshots.js';

const id = fc.constantFrom('a', 'b');
const step = fc.oneof(
  fc.record({
    do: fc.constant('register' as const),
    id,
    port: fc.constantFrom(1, 2),
    ageMs: fc.constantFrom(0, 40_000),
    hidden: fc.boolean(),
  }),
  fc.record({
    do: fc.constantFrom('unregister' as const, 'expire' as const, 'move' as const, 'drop' as const),
    id,
  }),
  fc.record({
    do: fc.constant('show' as const),
    id,
    visibility: fc.constantFrom('listed' as const, 'unconfirmed' as const, 'hidden' as const),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

function take(repository: ReturnType<typeof tableAt>['repository'], one: Step, stamp: number): void {
  const held = repository.get(keyOf(instanceOf(one.id)));
  switch (one.do) {
    case 'register':
      repository.apply(alive(one.id, stamp, { port: one.port }), {
        origin: 'peer',
        ageMs: one.ageMs,
        hidden: one.hidden,
      });
      break;
    case 'unregister':
      repository.apply(tombstone(one.id, stamp), { origin: 'peer' });
      break;
    case 'expire':
      if (held?.state === 'alive') repository.apply(expiryOf(held), { origin: 'local' });
      break;
    case 'move':
      if (held?.state === 'alive') repository.apply(takeOverOf(held, 'node2'), { origin: 'local' });
      break;
    case 'drop':
      if (held !== undefined) repository.dropHidden(held);
      break;
    case 'show':
      repository.show(keyOf(instanceOf(one.id)), one.visibility);
      break;
  }
}

describe('a snapshot', () => {
  it('holds everything that is shown, whatever its status, and marks what is unconfirmed', () => {
    const { repository } = tableAt();
    repository.apply(alive('a', 1, { status: 'down' }), { origin: 'local' });
    repository.apply(alive('b', 2), { origin: 'local' });
    repository.apply(alive('c', 3), { origin: 'local', hidden: true });
    repository.show(keyOf(instanceOf('a')), 'unconfirmed');
    const snapshots = new RepositorySnapshots(repository);
    expect(snapshots.service('ORDERS')).toEqual({
      service_id: 'orders',
      instances: [instanceOf('b'), { ...instanceOf('a', { status: 'down' }), unconfirmed: true }],
    });
    expect([...snapshots.serviceKeys()]).toEqual(['orders']);
    expect([snapshots.revisionOf('Orders'), snapshots.revisionOf('none')]).toEqual([4, undefined]);
    expect(snapshots.service('None')).toEqual({ service_id: 'None', instances: [] });
  });

  it('is what the changes up to it make, at every moment', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { repository, log } = tableAt();
        const snapshots = new RepositorySnapshots(repository);
        const view = new Map<string, DiscoveredInstance>();
        log.subscribe((change) => {
          const seen = toInstanceChange(change);
          if (seen === undefined) return;
          const key = keyOf(seen.instance);
          expect(view.has(key)).toBe(seen.change_type !== 'new');
          if (seen.change_type === 'delete') view.delete(key);
          else view.set(key, seen.instance);
        });
        steps.forEach((one, index) => {
          take(repository, one, index + 1);
          const { instances } = snapshots.service('orders');
          expect(new Map(instances.map((instance) => [keyOf(instance), instance]))).toEqual(view);
        });
      }),
    );
  });
});
