import type { Cancel, Scheduler } from '@artemis/core';

/** One log line for everything of a kind in a turn: a batch of ten thousand must not write ten thousand lines. */
export class TurnLog<Kind> {
  readonly #scheduler: Scheduler;
  readonly #write: (kind: Kind, subject: string) => void;
  #noted: { readonly kind: Kind; readonly first: string; more: number } | undefined;
  #planned: Cancel | undefined;

  /** @param write gets the subject as `inst-1`, or `inst-1 and 99 more` */
  constructor(scheduler: Scheduler, write: (kind: Kind, subject: string) => void) {
    this.#scheduler = scheduler;
    this.#write = write;
  }

  note(kind: Kind, subject: string): void {
    if (this.#noted?.kind === kind) {
      this.#noted.more += 1;
      return;
    }
    this.#flush();
    this.#noted = { kind, first: subject, more: 0 };
    this.#planned = this.#scheduler.soon(() => this.#flush());
  }

  stop(): void {
    this.#flush();
  }

  #flush(): void {
    this.#planned?.();
    if (this.#noted === undefined) return;
    const { kind, first, more } = this.#noted;
    this.#noted = undefined;
    this.#write(kind, more === 0 ? first : `${first} and ${more} more`);
  }
}
