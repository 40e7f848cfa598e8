import type { RecordStore, RegistryRecord } from '@artemis/core';

/** Keeps nothing: what this node knew is gone with the process, and its peers are all the memory it has. */
export class VolatileStore implements RecordStore {
  async load(): Promise<readonly RegistryRecord[]> {
    return [];
  }

  async commit(): Promise<void> {}

  async close(): Promise<void> {}
}
