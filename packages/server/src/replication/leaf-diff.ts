import type { InstanceKey, ReadVersionedKey, RegistryRecord } from '@artemis/core';
import { compareVersions } from '@artemis/core';

/** What would make a leaf equal on both sides. */
export interface LeafDiff {
  /** To be asked of the peer. */
  readonly fetch: readonly InstanceKey[];
  /** Canonical keys of which the peer lacks what is held here. */
  readonly give: readonly string[];
}

interface LeafSides {
  /** Everything that the peer holds in the leaf. */
  readonly theirs: readonly ReadVersionedKey[];
  /** Keys of everything live that is held here in the leaf. */
  readonly ours: readonly string[];
  readonly held: (key: string) => RegistryRecord | undefined;
  /** Whether this node does not vouch for what it holds under a key. */
  readonly keptBack: (key: string) => boolean;
}

/**
 * Compares one leaf. What is removed here and live there is given like anything newer, so that tombstones travel only
 * where they are needed.
 */
export function diffLeaf({ theirs, ours, held, keptBack }: LeafSides): LeafDiff {
  const fetch: InstanceKey[] = [];
  const give: string[] = [];
  const listed = new Set<string>();
  for (const { key, instanceKey, version } of theirs) {
    listed.add(key);
    const record = held(key);
    const order = record === undefined ? 1 : compareVersions(version, record.version);
    // What is kept back here is confirmed by a peer that holds it too.
    if (order > 0 || (order === 0 && keptBack(key))) fetch.push(instanceKey);
    else if (order < 0 && !keptBack(key)) give.push(key);
  }
  for (const key of ours) {
    if (!listed.has(key) && !keptBack(key)) give.push(key);
  }
  return { fetch, give };
}
