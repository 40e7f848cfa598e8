import type { DiscoveryConfig, Instance, Service } from '@artemis/core';
import type { ServiceEntry } from '../registry/service-index.js';

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
  const place =
    regionId === undefined && zoneId === undefined ? '' : `${regionId ?? ''}\u001f${zoneId ?? ''}`;
  return `${scope}\u001f${status}\u001f${place}`;
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

/** What a choice is made from: the records of a service, and how they are shown. */
export type Shown = Pick<ServiceEntry, 'live' | 'doubts'>;

interface Chosen {
  readonly key: string;
  readonly rank: Rank;
  readonly unconfirmed: boolean;
  readonly instance: Instance;
}

/**
 * The nearest first; among equals by canonical key, so that all nodes answer alike. Those whose lease this node cannot
 * vouch for come after all others, however near. Hidden ones are left out.
 *
 * @param ended keys that are left out, too: their leases are over
 */
export function selectInstances(
  { live, doubts }: Shown,
  preference: Preference,
  ended?: ReadonlySet<string>,
): Service['instances'] {
  const chosen: Chosen[] = [];
  for (const { key, instance } of live) {
    if (preference.status === 'up' && instance.status !== 'up') continue;
    const doubt = doubts.get(key);
    if (doubt === 'hidden' || ended?.has(key) === true) continue;
    const rank = rankOf(instance, preference);
    if (rank > farthest[preference.scope]) continue;
    chosen.push({ key, rank, unconfirmed: doubt === 'unconfirmed', instance });
  }
  chosen.sort(byPreference);
  return chosen.map(({ instance, unconfirmed }) => (unconfirmed ? { ...instance, unconfirmed } : instance));
}

function byPreference(a: Chosen, b: Chosen): number {
  return Number(a.unconfirmed) - Number(b.unconfirmed) || a.rank - b.rank || (a.key < b.key ? -1 : 1);
}

/**
 * Whether an instance that is not hidden is registered, up or not, in the zone of the preference, or in its region when
 * it has no zone.
 */
export function isPresent({ live, doubts }: Shown, preference: Preference): boolean {
  const { regionId, zoneId } = preference;
  const anywhere = regionId === undefined && zoneId === undefined;
  if (anywhere && doubts.size === 0) return live.length > 0;
  const wanted = anywhere ? 2 : zoneId === undefined ? 1 : 0;
  for (const { key, instance } of live) {
    if (doubts.get(key) !== 'hidden' && rankOf(instance, preference) <= wanted) return true;
  }
  return false;
}
