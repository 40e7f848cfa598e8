import type { Random } from '@artemis/core';
import type { DiscoveredInstance } from '../discovered-instance.js';
import { KnownKeys } from './known-keys.js';
import { pickRandom } from './weights.js';

/** Of this many more than there are instances, the places of those that have gone are forgotten. */
const spare = 64;

/**
 * Round-robin as "the one whose last turn is longest ago". That goes round as long as the instances stay the same, and
 * stays fair when they come and go, or when the caller asks now for these and now for those.
 */
export class Rounds {
  readonly #random: Random;
  readonly #keys = new KnownKeys();
  /** Canonical key to the number of its last turn. */
  readonly #turns = new Map<string, number>();
  #turn = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Those that had no turn yet come first, by chance: callers that begin together do not go the same round. */
  next(instances: readonly DiscoveredInstance[]): DiscoveredInstance | undefined {
    let longest = Number.POSITIVE_INFINITY;
    let waiting: DiscoveredInstance[] = [];
    for (const instance of instances) {
      const turn = this.#turns.get(this.#keys.of(instance)) ?? 0;
      if (turn > longest) continue;
      if (turn < longest) waiting = [];
      longest = turn;
      waiting.push(instance);
    }
    const chosen = pickRandom(waiting, this.#random);
    if (chosen === undefined) return undefined;
    this.#turn += 1;
    this.#turns.set(this.#keys.of(chosen), this.#turn);
    if (this.#turns.size > instances.length + spare) this.#forget(instances);
    return chosen;
  }

  #forget(instances: readonly DiscoveredInstance[]): void {
    const present = new Set(instances.map((instance) => this.#keys.of(instance)));
    for (const key of this.#turns.keys()) if (!present.has(key)) this.#turns.delete(key);
  }
}
