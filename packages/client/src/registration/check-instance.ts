import { describeIssue, instanceSchema, type InstanceInput } from '@artemis/core';
import { ClientError } from '../client-error.js';
import type { InstanceToRegister } from './registration.js';

/** What a node would refuse is refused here, with the same words. Throws `invalid`. */
export function checkInstance(instance: unknown): InstanceInput {
  const parsed = instanceSchema.safeParse(instance);
  if (parsed.success) return parsed.data;
  throw new ClientError('invalid', describeIssue(parsed.error, 'instance', instance));
}

/** Fills in what can be known. Throws `invalid`. */
export function completeInstance(
  instance: InstanceToRegister,
  { region, zone }: { readonly region: string | undefined; readonly zone: string | undefined },
): InstanceInput {
  const { ip, port } = instance;
  const host = ip.includes(':') ? `[${ip}]` : ip;
  return checkInstance({
    ...instance,
    region_id: instance.region_id ?? region,
    zone_id: instance.zone_id ?? zone,
    status: instance.status ?? 'up',
    url: instance.url ?? `http://${host}:${port}`,
  });
}
