import type { Instance } from '@artemis/core';
import type { ClientEvent } from './client-event.js';

/**
 * What must become of a key, by what its one client did. `undecided`: a write is under way, was never answered, or was
 * lost in a way that is not promised against.
 * `wanted`: registered, and the client lives. `gone`: unregistered. `dead`: the client fell silent.
 */
type Fate = 'undecided' | 'wanted' | 'gone' | 'dead';

export interface KeyTruth {
  readonly key: string;
  /** Several clients write it: only that all nodes agree can be said of it. */
  readonly shared: boolean;
  readonly fate: Fate;
  /** Content of the last register that was acknowledged. */
  readonly instance: Instance;
  readonly ttlMs: number;
  /** Virtual ms of the last call sent. */
  readonly lastSentMs: number;
}

/** The clients' side of the story, against which the nodes are checked. */
export class Truth {
  readonly #keys = new Map<string, KeyTruth>();

  get(key: string): KeyTruth | undefined {
    return this.#keys.get(key);
  }

  keys(): IterableIterator<KeyTruth> {
    return this.#keys.values();
  }

  /** The last write of the key is gone, and nobody is to blame. */
  lose(key: string): void {
    const known = this.#keys.get(key);
    if (known !== undefined) this.#keys.set(key, { ...known, fate: 'undecided' });
  }

  note(event: ClientEvent): void {
    const { key, shared, instance, ttlMs, sentMs } = event;
    const known = this.#keys.get(key) ?? {
      ...{ key, shared, instance, ttlMs },
      fate: 'undecided',
      lastSentMs: sentMs,
    };
    this.#keys.set(key, { ...known, ...newsOf(event) });
  }
}

function newsOf({ kind, call, instance, ttlMs, sentMs }: ClientEvent): Partial<KeyTruth> {
  switch (kind) {
    case 'sent':
      return { lastSentMs: sentMs, ...(call !== 'heartbeat' && { fate: 'undecided' }) };
    case 'acknowledged':
      if (call === 'register') return { fate: 'wanted', instance, ttlMs };
      return call === 'unregister' ? { fate: 'gone' } : {};
    case 'died':
      return { fate: 'dead' };
    case 'unknown':
    case 'failed':
      return {};
  }
}
