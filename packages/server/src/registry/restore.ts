import type { Clock, RegistryRecord, StoredState, StoreNotes } from '@artemis/core';
import { stampWallMs } from '@artemis/core';
import type { ArtemisConfig } from '@artemis/core/config';
import type { RegistryRepository } from './repository.js';

interface RestoreOptions {
  readonly config: ArtemisConfig;
  readonly nodeId: string;
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly repository: RegistryRepository;
  /** Holds a record back that is in the table. */
  readonly hold: (key: string) => void;
  /** Takes in the stamp of each record. */
  readonly observe: (stamp: number) => void;
}

/**
 * Puts into the table what an earlier run left. When that is so long ago that others may have forgotten what became of
 * it, all of it is held back.
 *
 * @returns why it is, `undefined` when it is not
 */
export function restore({ records, notes }: StoredState, options: RestoreOptions): string | undefined {
  const { nodeId, clock, repository, hold, observe } = options;
  const now = clock.wallMs();
  const absence = notes && absenceOf(notes, now, options.config);
  for (const record of records) {
    observe(record.version.stamp);
    const hidden = absence !== undefined && record.state === 'alive';
    const ageMs = ageOf(record, now, notes, nodeId);
    const change = repository.apply(record, { origin: 'recovery', ageMs, hidden });
    if (change !== undefined && hidden) hold(record.key);
  }
  return absence;
}

/** Why so much may have happened elsewhere that nothing of the store can be vouched for. */
function absenceOf(
  { aliveWallMs, contacts }: StoreNotes,
  now: number,
  { cluster, lease }: ArtemisConfig,
): string | undefined {
  const { orphanRetentionMs: limitMs } = lease;
  if (now - aliveWallMs > limitMs) return `it did not run for ${describe(now - aliveWallMs)}`;
  const heard = Object.values(contacts);
  if (!cluster.enabled || cluster.peers.length === 0 || heard.length === 0) return undefined;
  const silentMs = now - Math.max(...heard);
  return silentMs > limitMs ? `it heard no other node for ${describe(silentMs)}` : undefined;
}

/**
 * The latest that its lease can have been renewed, by what this node knows: while its owner was heard, it had not ended.
 * No older than the registration itself. A restart is no renewal.
 */
function ageOf(
  { version, leaseTtlMs }: RegistryRecord,
  now: number,
  notes: StoreNotes | undefined,
  nodeId: string,
): number {
  const registeredMs = now - stampWallMs(version.stamp);
  if (notes === undefined) return Math.max(0, registeredMs);
  const { aliveWallMs, contacts } = notes;
  const heardMs = version.owner === nodeId ? aliveWallMs : (contacts[version.owner] ?? aliveWallMs);
  return Math.max(0, Math.min(registeredMs, now - heardMs + leaseTtlMs));
}

function describe(ms: number): string {
  return `${Math.round(ms / 60_000)} minutes`;
}
