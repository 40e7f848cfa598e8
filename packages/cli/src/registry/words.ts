/** Instances, their states and their leases as people read them. */
import { formatHostPort } from '@artemis/core/config';
import { duration } from '../cluster/words.js';
import type { Paint } from '../colours.js';
import { escapeControls } from '../escape-controls.js';
import type { HeldLease, Key, ListedInstance } from './answers.js';

export function placeOf({ region_id: region, zone_id: zone }: Pick<Key, 'region_id' | 'zone_id'>): string {
  return escapeControls(`${region}/${zone}`);
}

/** `orders/orders-1`, with the group where there is one: `orders/orders-1 (group blue)`. */
export function nameOf({ service_id: service, instance_id: id, group_id: group }: Key): string {
  return escapeControls(`${service}/${id}${group ? ` (group ${group})` : ''}`);
}

export function addressOf({ ip, port }: Pick<ListedInstance, 'ip' | 'port'>): string {
  return escapeControls(formatHostPort({ host: ip, port }));
}

/** `up`, `down`, or `up, unconfirmed` for one whose lease the node cannot vouch for. */
export function statusText(
  { status, unconfirmed }: { readonly status: string; readonly unconfirmed?: boolean | undefined },
  paint: Paint,
): string {
  const shown = escapeControls(status);
  if (unconfirmed === true) return paint('yellow', `${shown}, unconfirmed`);
  return status === 'up' ? paint('green', shown) : paint('red', shown);
}

/** `12s of 30s`: how long ago the lease was renewed, and after how long it ends. */
export function leaseText(lease: Pick<HeldLease, 'age_ms' | 'ttl_ms'> | undefined): string {
  return lease === undefined ? '-' : `${duration(lease.age_ms)} of ${duration(lease.ttl_ms)}`;
}

/** `30s`: whole seconds, the one that has begun included, as people count down. */
export function timeLeft(ms: number): string {
  return duration(Math.ceil(ms / 1000) * 1000);
}

/** `03:21:33`, by the clock and in the time zone of this machine. */
export function timeOfDay(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
