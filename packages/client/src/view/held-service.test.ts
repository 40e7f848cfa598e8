import { keyOf } from '@artemis/core';
import { anInstance } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DiscoveredInstance, InstanceChange } from '../discovered-instance.js';
import { HeldService } from './held-service.js';

const at = { change_time: '2025-01-01T00:00:00.000Z', revision: 1 };
const instances = fc
  .record({ instance_id: fc.constantFrom('a', 'b', 'c'), port: fc.constantFrom(1, 2) })
  .map(anInstance);
const tables = fc.uniqueArray(instances, { selector: keyOf });
const steps = fc.array(
  fc.record({
    instance: instances,
    change_type: fc.constantFrom('new' as const, 'change' as const, 'delete' as const),
  }),
);

const byKey = (list: readonly DiscoveredInstance[]) => new Map(list.map((one) => [keyOf(one), one]));

/** What somebody holds who knows the changes alone. Each must make sense where it comes. */
function follow(held: Map<string, DiscoveredInstance>, changes: readonly InstanceChange[]): void {
  for (const { change_type: type, instance } of changes) {
    const key = keyOf(instance);
    expect(held.has(key)).toBe(type !== 'new');
    if (type === 'change') expect(held.get(key)).not.toEqual(instance);
    if (type === 'delete') held.delete(key);
    else held.set(key, instance);
  }
}

describe('what is held of a service', () => {
  it('is what was told, and whoever follows the changes holds the same', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(tables, steps)), (history) => {
        const held = new HeldService();
        const follower = new Map<string, DiscoveredInstance>();
        for (const turn of history) {
          const isTable = turn.every((one) => 'instance_id' in one);
          if (isTable) {
            follow(follower, held.replace(turn, at));
            expect(byKey(held.instances)).toEqual(byKey(turn));
          } else {
            follow(
              follower,
              held.apply(
                (turn as Pick<InstanceChange, 'instance' | 'change_type'>[]).map((one) => ({
                  ...at,
                  ...one,
                })),
              ),
            );
          }
          expect(byKey(held.instances)).toEqual(follower);
        }
      }),
    );
  });

  it('is the same list until something changes', () => {
    const held = new HeldService();
    held.replace([anInstance()], at);
    const before = held.instances;
    expect(held.replace([{ ...anInstance() }], at)).toEqual([]);
    expect(held.apply([{ ...at, change_type: 'new', instance: anInstance() }])).toEqual([]);
    expect(held.instances).toBe(before);
    held.apply([{ ...at, change_type: 'change', instance: anInstance({ unconfirmed: true } as object) }]);
    expect(held.instances).not.toBe(before);
  });
});
