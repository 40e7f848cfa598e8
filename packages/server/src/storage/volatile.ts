import type { RecordStore, StoredState } from '@artemis/core';

/** Keeps nothing: what this node knew is gone with the process, and its peers are all the memory it has. */
export class VolatileStore implements RecordStore {
  async open(): Promise<StoredState> {
    return { records: [], notes: undefined };
  }

  async commit(): Promise<void> {}

  async close(): Promise<void> {}
}
