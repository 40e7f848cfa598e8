import { ArtemisError, Bag, serviceKeyOf, type AppState, type Cancel } from '@artemis/core';

type HeldState = Pick<AppState, 'changes' | 'scheduler' | 'push' | 'pushMetrics' | 'health'>;

/** Calls back when the caller has gone. */
export type WhenGone = (listener: () => void) => void;

/** Requests that are answered when their service changes. The change log is followed only while there are some. */
export class HeldRequests {
  readonly #state: HeldState;
  readonly #held = new Map<string, Bag<() => void>>();
  #changed = new Set<string>();
  #count = 0;
  #unfollow: (() => void) | undefined;
  #answering: Cancel | undefined;

  constructor(state: HeldState) {
    this.#state = state;
    state.pushMetrics.source(() => ({ heldRequests: this.#count }));
  }

  /**
   * Resolves when a watcher of the service would see a change, when the time has passed, when this node stops, or when
   * the caller has gone.
   *
   * @throws ArtemisError `unavailable` when too many requests are held already
   */
  untilChanged(serviceId: string, waitMs: number, whenGone: WhenGone): Promise<void> {
    const { push, health, scheduler } = this.#state;
    if (health.draining) return Promise.resolve();
    if (this.#count >= push.maxSessions) {
      const message = 'too many requests are held (push.max_sessions): ask without wait';
      throw new ArtemisError('unavailable', message, { retryAfterSecs: 1 });
    }
    const key = serviceKeyOf(serviceId);
    return new Promise((resolve) => {
      const release = () => {
        if (!remove()) return;
        cancel();
        resolve();
      };
      const cancel = scheduler.after(waitMs, release);
      const remove = this.#add(key, release);
      whenGone(release);
    });
  }

  /** Answers what takes it out again, which tells whether it was still held. */
  #add(key: string, release: () => void): () => boolean {
    this.#count += 1;
    const held = this.#held.get(key) ?? new Bag();
    const remove = held.add(release);
    this.#held.set(key, held);
    this.#unfollow ??= this.#follow();
    return () => {
      if (!remove()) return false;
      this.#count -= 1;
      if (held.size === 0) this.#held.delete(key);
      if (this.#count === 0) {
        this.#unfollow?.();
        this.#unfollow = undefined;
      }
      return true;
    };
  }

  #follow(): () => void {
    const { changes, health, scheduler } = this.#state;
    const forgetDrain = health.onDrain(() => this.#releaseAll());
    const unsubscribe = changes.subscribe(({ type, record }) => {
      if (type === undefined) return;
      const key = serviceKeyOf(record.instanceKey.service_id);
      if (!this.#held.has(key)) return;
      // What a turn does to a service is answered at once.
      this.#changed.add(key);
      this.#answering ??= scheduler.soon(() => this.#answer());
    });
    return () => {
      forgetDrain();
      unsubscribe();
    };
  }

  #answer(): void {
    this.#answering = undefined;
    const changed = this.#changed;
    this.#changed = new Set();
    for (const key of changed) for (const release of this.#held.get(key) ?? []) release();
  }

  #releaseAll(): void {
    for (const held of [...this.#held.values()]) for (const release of held) release();
  }
}
