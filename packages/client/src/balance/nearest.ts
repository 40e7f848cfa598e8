import type { DiscoveredInstance } from '../discovered-instance.js';

/** Where the client runs, as far as it was told. */
export interface Whereabouts {
  readonly region?: string | undefined;
  readonly zone?: string | undefined;
}

/** 0 in the zone of the caller, 1 in its region, 2 elsewhere. A zone belongs to a region: its name alone says nothing. */
function distanceOf(instance: DiscoveredInstance, { region, zone }: Whereabouts): number {
  if (region !== undefined && instance.region_id !== region) return 2;
  if (zone !== undefined && instance.zone_id === zone) return 0;
  return region === undefined ? 2 : 1;
}

/** Those of the caller's zone, or else of its region, or else all. */
export function nearest(
  instances: readonly DiscoveredInstance[],
  where: Whereabouts,
): readonly DiscoveredInstance[] {
  const distances = instances.map((instance) => distanceOf(instance, where));
  const least = distances.reduce((a, b) => Math.min(a, b), 2);
  return instances.filter((_instance, index) => distances[index] === least);
}
