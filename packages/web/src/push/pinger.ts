import type { AppState, Cancel } from '@artemis/core';
import type { Session } from './session.js';

/** Sessions are looked at in so many parts of the interval: twenty thousand pings at once would hold everybody up. */
const parts = 16;

/** Looks at every session once in an interval. */
export class Pinger {
  readonly #state: Pick<AppState, 'scheduler' | 'push'>;
  readonly #sessions: ReadonlySet<Session>;
  readonly #partOf = new WeakMap<Session, number>();
  #part = 0;
  #ticking: Cancel | undefined;

  constructor(state: Pick<AppState, 'scheduler' | 'push'>, sessions: ReadonlySet<Session>) {
    this.#state = state;
    this.#sessions = sessions;
  }

  /** Begins, unless it runs. */
  start(): void {
    const { scheduler, push } = this.#state;
    this.#ticking ??= scheduler.every(push.pingIntervalMs / parts, () => this.#tick());
  }

  stop(): void {
    this.#ticking?.();
    this.#ticking = undefined;
  }

  #tick(): void {
    this.#part = (this.#part + 1) % parts;
    for (const session of [...this.#sessions]) {
      const part = this.#partOf.get(session);
      // A session that is new has its turn in a whole interval.
      if (part === undefined) this.#partOf.set(session, this.#part);
      else if (part === this.#part) session.check();
    }
  }
}
