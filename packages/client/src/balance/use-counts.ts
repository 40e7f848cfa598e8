import type { Random } from '@artemis/core';
import type { DiscoveredInstance } from '../discovered-instance.js';
import { KnownKeys } from './known-keys.js';
import { pickRandom } from './weights.js';

/** Counts the calls under way of this process, by instance. */
export class UseCounts {
  readonly #keys = new KnownKeys();
  /** Canonical key to the number of calls; instances without any are not in it. */
  readonly #counts = new Map<string, number>();

  /** One more call, until the result is disposed of. Disposing of it again does nothing. */
  use(instance: DiscoveredInstance): Disposable {
    const key = this.#keys.of(instance);
    this.#counts.set(key, this.of(instance) + 1);
    let under = true;
    return {
      [Symbol.dispose]: () => {
        if (!under) return;
        under = false;
        const left = (this.#counts.get(key) ?? 1) - 1;
        if (left > 0) this.#counts.set(key, left);
        else this.#counts.delete(key);
      },
    };
  }

  /** Calls under way. */
  of(instance: DiscoveredInstance): number {
    return this.#counts.get(this.#keys.of(instance)) ?? 0;
  }

  /** One of those with the fewest, by chance. */
  least(instances: readonly DiscoveredInstance[], random: Random): DiscoveredInstance | undefined {
    if (this.#counts.size === 0) return pickRandom(instances, random);
    const counts = instances.map((instance) => this.of(instance));
    const least = counts.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const idlest = instances.filter((_instance, index) => counts[index] === least);
    return pickRandom(idlest, random);
  }
}
