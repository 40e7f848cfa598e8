import type { Clock, StoreNotes } from '@artemis/core';

/** A peer that was not heard for so long needs no note: no record outlives its owner for as long. */
const longestMs = 30 * 24 * 3_600_000;

interface NotesOptions {
  readonly clock: Clock;
  /** Unix ms at which each peer was last heard in this run, by node id. */
  readonly contacts: () => Readonly<Record<string, number>>;
}

/** What this node notes of its own life: that it runs, and when it heard whom, in this run or in an earlier one. */
export class NotesKeeper {
  readonly #options: NotesOptions;
  #earlier: StoreNotes['contacts'] = {};

  constructor(options: NotesOptions) {
    this.#options = options;
  }

  /** Takes over what an earlier run noted. */
  continue(notes: StoreNotes | undefined): void {
    this.#earlier = notes?.contacts ?? {};
  }

  current(): StoreNotes {
    const { clock, contacts } = this.#options;
    const now = clock.wallMs();
    const known = Object.entries({ ...this.#earlier, ...contacts() });
    return {
      aliveWallMs: now,
      contacts: Object.fromEntries(known.filter(([, wallMs]) => now - wallMs < longestMs)),
    };
  }
}
