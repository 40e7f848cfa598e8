import type { Clock, StoreNotes } from '@artemis/core';

/** A peer that was not heard for so long needs no note: no record outlives its owner for as long. */
const longestMs = 30 * 24 * 3_600_000;

interface NotesOptions {
  readonly clock: Clock;
  /** Unix ms at which each peer was last heard in this run, by node id. */
  readonly contacts: () => Readonly<Record<string, number>>;
  /** Whether this node still holds records back because it was away for long. */
  readonly holdsBack: () => boolean;
}

/**
 * What this node notes of its own life: that it runs, and when it heard whom, in this run or in an earlier one. While it
 * holds records back, the notes stay as they were: if it ends now, the next run must hold them back as well.
 */
export class NotesKeeper {
  readonly #options: NotesOptions;
  #latest: StoreNotes | undefined;

  constructor(options: NotesOptions) {
    this.#options = options;
  }

  /** Takes over what an earlier run noted. */
  continue(notes: StoreNotes | undefined): void {
    this.#latest = notes;
  }

  current(): StoreNotes {
    const { clock, contacts, holdsBack } = this.#options;
    if (this.#latest !== undefined && holdsBack()) return this.#latest;
    const now = clock.wallMs();
    const known = Object.entries({ ...this.#latest?.contacts, ...contacts() });
    this.#latest = {
      aliveWallMs: now,
      contacts: Object.fromEntries(known.filter(([, wallMs]) => now - wallMs < longestMs)),
    };
    return this.#latest;
  }
}
