import { keyOf } from '@artemis/core';
import type { DiscoveredInstance } from '../discovered-instance.js';
import { combine, hashText, type TextHash } from './hash.js';
import { weighty, weightOf } from './weights.js';

/**
 * Consistent hashing by highest random weight (Thaler and Ravishankar, 1996; with weights after Schindelhauer and
 * Schomaker, 2005): every instance draws a lot from the key and its own name, and the highest lot wins.
 *
 * No state and no ring decides, so all processes that see the same instances choose the same one, in whatever order
 * they learnt of them. An instance that leaves gives up its own keys and no others; one that comes takes its share
 * evenly from all.
 */
export class Rendezvous {
  /** Instances are never changed in place, so what was computed of one stays true. */
  readonly #hashes = new WeakMap<DiscoveredInstance, TextHash>();

  /** The instance for this key; `undefined` when there is none. */
  pick(instances: readonly DiscoveredInstance[], key: string): DiscoveredInstance | undefined {
    const hash = hashText(key);
    let best: DiscoveredInstance | undefined;
    let bestLot = Number.NEGATIVE_INFINITY;
    const candidates = weighty(instances);
    for (const instance of candidates) {
      // All with weight 0 are equals again.
      const weight = weightOf(instance) || 1;
      const lot = weight / -Math.log(combine(this.#hashOf(instance), hash));
      if (lot > bestLot || (lot === bestLot && best !== undefined && keyOf(instance) < keyOf(best))) {
        best = instance;
        bestLot = lot;
      }
    }
    return best;
  }

  #hashOf(instance: DiscoveredInstance): TextHash {
    const known = this.#hashes.get(instance);
    if (known !== undefined) return known;
    const hash = hashText(keyOf(instance));
    this.#hashes.set(instance, hash);
    return hash;
  }
}
