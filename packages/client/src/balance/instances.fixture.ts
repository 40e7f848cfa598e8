import { anInstance } from '@artemis/core/testing';
import fc from 'fast-check';
import type { DiscoveredInstance } from '../discovered-instance.js';

/** An instance of its own address for each id. */
export function offered(id: string, changes: Partial<DiscoveredInstance> = {}): DiscoveredInstance {
  const { unconfirmed, ...fields } = changes;
  const instance = anInstance({ instance_id: id, url: `http://${id}:8080`, ...fields });
  return unconfirmed === undefined ? instance : { ...instance, unconfirmed };
}

/** `count` instances `i-0`, `i-1`, …, each with what `changes` says of its number. */
export function fleet(
  count: number,
  changes: (index: number) => Partial<DiscoveredInstance> = () => ({}),
): DiscoveredInstance[] {
  return Array.from({ length: count }, (_, index) => offered(`i-${index}`, changes(index)));
}

export const idOf = (instance: DiscoveredInstance | undefined): string | undefined => instance?.instance_id;

/** How often each id was drawn. */
export function tally(draws: number, draw: () => DiscoveredInstance | undefined): Map<string, number> {
  const counts = new Map<string, number>();
  for (let index = 0; index < draws; index += 1) {
    const id = idOf(draw()) ?? 'none';
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** Services of up to twelve instances of any state, place and weight. */
export const anyFleet: fc.Arbitrary<DiscoveredInstance[]> = fc
  .uniqueArray(
    fc.record({
      id: fc.integer({ min: 0, max: 99 }),
      status: fc.constantFrom('up' as const, 'up' as const, 'down' as const, 'starting' as const),
      region: fc.constantFrom('r1', 'r2'),
      zone: fc.constantFrom('z1', 'z2'),
      unconfirmed: fc.boolean(),
      weight: fc.constantFrom('0', '1', '2.5', 'heavy'),
    }),
    { selector: ({ id }) => id, maxLength: 12 },
  )
  .map((fleetOf) =>
    fleetOf.map(({ id, status, region, zone, unconfirmed, weight }) =>
      offered(`i-${id}`, {
        status,
        region_id: region,
        zone_id: zone,
        metadata: { weight },
        ...(unconfirmed ? { unconfirmed } : {}),
      }),
    ),
  );
