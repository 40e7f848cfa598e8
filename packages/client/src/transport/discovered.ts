import {
  discoveredInstanceSchema,
  toInstance,
  type InstanceChange as WireChange,
  type InstanceInput,
} from '@artemis/core';
import type { DiscoveredInstance, InstanceChange } from '../discovered-instance.js';

const knownFields = Object.keys(discoveredInstanceSchema.shape) as (keyof DiscoveredInstance)[];

/** An instance of an answer with the fields that are known, so that the same instance is equal however it came. */
export function toDiscovered(
  input: InstanceInput & { unconfirmed?: boolean | undefined },
): DiscoveredInstance {
  const known = Object.fromEntries(knownFields.map((name) => [name, input[name]]));
  if (input.unconfirmed !== true) delete known['unconfirmed'];
  return toInstance(known as unknown as InstanceInput);
}

/** `undefined` for what is no step of one instance. */
export function toInstanceChange({
  instance,
  change_type,
  change_time,
  revision,
  reason,
}: WireChange): InstanceChange | undefined {
  if (change_type === 'reload') return undefined;
  const unconfirmed = reason === 'unconfirmed' || instance['unconfirmed'] === true;
  return {
    change_type,
    instance: toDiscovered({ ...instance, unconfirmed }),
    change_time,
    revision,
    ...(reason === undefined ? {} : { reason }),
  };
}
