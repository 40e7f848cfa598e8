import type { AliveRecord, DiscoveryConfig, Instance } from '@artemis/core';

/** Where the caller is, and what it will take. */
export interface Preference {
  readonly regionId: string | undefined;
  readonly zoneId: string | undefined;
  readonly scope: 'zone' | 'region' | 'any';
  readonly status: 'up' | 'any';
}

export function preferenceOf(config: Omit<DiscoveryConfig, 'service_id'>): Preference {
  return {
    regionId: config.region_id ?? undefined,
    zoneId: config.zone_id ?? undefined,
    scope: config.discovery_data?.scope ?? 'any',
    status: config.discovery_data?.status ?? 'up',
  };
}

/** Why the preference makes no sense, as a message with the path of the field; `undefined` when it does. */
export function problemOf({ scope, regionId, zoneId }: Preference): string | undefined {
  if (scope === 'zone' && zoneId === undefined) return 'discovery_data.scope: "zone" needs a zone_id';
  if (scope === 'region' && regionId === undefined) return 'discovery_data.scope: "region" needs a region_id';
  return undefined;
}

/** Two preferences with the same text choose the same instances. */
export function variantOf({ regionId, zoneId, scope, status }: Preference): string {
  return [scope, status, regionId ?? '', zoneId ?? ''].join('\u001f');
}

/** Distance from the caller: the same zone of the same region, the same region, anywhere else. */
export type Rank = 0 | 1 | 2;

/** A zone is one of its region: the same name in another region is another zone. */
export function rankOf(
  { region_id, zone_id }: Pick<Instance, 'region_id' | 'zone_id'>,
  { regionId, zoneId }: Preference,
): Rank {
  if (regionId !== undefined && region_id !== regionId) return 2;
  if (zoneId !== undefined && zone_id === zoneId) return 0;
  return regionId === undefined ? 2 : 1;
}

const farthest: Readonly<Record<Preference['scope'], Rank>> = { zone: 0, region: 1, any: 2 };

/** The nearest first; among equals by canonical key, so that all nodes answer alike. */
export function selectInstances(live: ReadonlyMap<string, AliveRecord>, preference: Preference): Instance[] {
  const chosen: { readonly key: string; readonly rank: Rank; readonly instance: Instance }[] = [];
  for (const [key, { instance }] of live) {
    if (preference.status === 'up' && instance.status !== 'up') continue;
    const rank = rankOf(instance, preference);
    if (rank <= farthest[preference.scope]) chosen.push({ key, rank, instance });
  }
  chosen.sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1));
  return chosen.map(({ instance }) => instance);
}

/** Whether an instance is registered, up or not, in the zone of the preference, or in its region when it has no zone. */
export function isPresent(live: ReadonlyMap<string, AliveRecord>, preference: Preference): boolean {
  const { regionId, zoneId } = preference;
  if (regionId === undefined && zoneId === undefined) return live.size > 0;
  const wanted = zoneId === undefined ? 1 : 0;
  for (const { instance } of live.values()) if (rankOf(instance, preference) <= wanted) return true;
  return false;
}
