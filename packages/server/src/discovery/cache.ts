import type { Clock, DiscoverServiceResponse, PreparedAnswer } from '@artemis/core';
import { serviceKeyOf } from '@artemis/core';
import type { ServiceEntry } from '../registry/service-index.js';

/** A response with what is found out about it once. */
export class Answer implements PreparedAnswer {
  readonly response: DiscoverServiceResponse;
  readonly etag: string | undefined;
  #byteLength: number | undefined;

  constructor(response: DiscoverServiceResponse, etag: string | undefined) {
    this.response = response;
    this.etag = etag;
  }

  text(): string {
    return JSON.stringify(this.response);
  }

  /** Of its text in UTF-8. */
  get byteLength(): number {
    return (this.#byteLength ??= Buffer.byteLength(this.text()));
  }
}

export interface CacheOptions {
  readonly enabled: boolean;
  /** An answer unused for so long is dropped. */
  readonly expiryMs: number;
}

interface Slot {
  /** A service that was forgotten and came back is another entry, with other answers. */
  readonly entry: ServiceEntry;
  readonly variants: Map<string, { readonly answer: Answer; usedAtMs: number }>;
}

/** Answers kept for one service: callers of some zones, and some that ask for any status. */
const maxVariants = 16;

/** Prepared answers by service and variant, until the service changes or nobody asks. */
export class AnswerCache {
  readonly #options: CacheOptions;
  readonly #clock: Clock;
  readonly #slots = new Map<string, Slot>();

  constructor(options: CacheOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** The answer for a variant of a service, prepared when there is none. */
  answer(serviceId: string, entry: ServiceEntry, variant: string, prepare: () => Answer): Answer {
    if (!this.#options.enabled) return prepare();
    const { variants } = this.#slotOf(serviceKeyOf(serviceId), entry);
    const usedAtMs = this.#clock.monotonicMs();
    const kept = variants.get(variant);
    if (kept !== undefined) {
      kept.usedAtMs = usedAtMs;
      return kept.answer;
    }
    if (variants.size >= maxVariants) dropLeastRecent(variants);
    const answer = prepare();
    variants.set(variant, { answer, usedAtMs });
    return answer;
  }

  /** The service has changed. */
  drop(serviceId: string): void {
    this.#slots.delete(serviceKeyOf(serviceId));
  }

  /** Drops what was unused for too long. @param nowMs monotonic */
  sweep(nowMs: number): void {
    for (const [key, { variants }] of this.#slots) {
      for (const [variant, { usedAtMs }] of variants) {
        if (nowMs - usedAtMs >= this.#options.expiryMs) variants.delete(variant);
      }
      if (variants.size === 0) this.#slots.delete(key);
    }
  }

  /** Answers kept. */
  get size(): number {
    return [...this.#slots.values()].reduce((sum, { variants }) => sum + variants.size, 0);
  }

  #slotOf(key: string, entry: ServiceEntry): Slot {
    const known = this.#slots.get(key);
    if (known?.entry === entry) return known;
    const slot: Slot = { entry, variants: new Map() };
    this.#slots.set(key, slot);
    return slot;
  }
}

function dropLeastRecent(variants: Slot['variants']): void {
  let oldest: [variant: string, usedAtMs: number] | undefined;
  for (const [variant, { usedAtMs }] of variants) {
    if (oldest === undefined || usedAtMs < oldest[1]) oldest = [variant, usedAtMs];
  }
  if (oldest !== undefined) variants.delete(oldest[0]);
}
