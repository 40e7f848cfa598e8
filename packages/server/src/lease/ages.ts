import type { InstanceKey } from '@artemis/core';
import { apiRoutes, decodeVersion, keyOf, leaseAgesResponseSchema } from '@artemis/core';
import type { PeerCaller } from '../cluster/caller.js';
import type { Peer } from '../cluster/peer.js';
import type { RecordIntake } from '../replication/intake.js';

const path = `${apiRoutes.replicaLeases.path}.json`;
/** A decision waits for the answer: a peer that takes longer is not there in time. */
const timeoutMs = 1000;

/**
 * Asks a peer how old leases are by what it knows, and takes its answers as the renewals that they tell of. Rejects when
 * there is no answer.
 */
export async function askAges(
  { caller, intake }: { caller: PeerCaller; intake: RecordIntake },
  peer: Peer,
  keys: readonly InstanceKey[],
): Promise<void> {
  const body = { owner: '', keys };
  const response = await caller.call(peer, { method: 'POST', path, body, timeoutMs });
  if (response.status !== 200)
    throw new Error(`the ages of leases were answered with HTTP ${response.status}`);
  for (const { version, age_ms: ageMs, ...key } of leaseAgesResponseSchema.parse(response.body).leases) {
    intake.renew({ key: keyOf(key), version: decodeVersion(version), ageMs }, peer.address);
  }
}
