import { keyOf } from '@artemis/core';
import type { DiscoveredInstance } from '../discovered-instance.js';

/** Canonical keys, made once for each instance: a pick may look at a thousand, and instances are never changed in place. */
export class KnownKeys {
  readonly #keys = new WeakMap<DiscoveredInstance, string>();

  of(instance: DiscoveredInstance): string {
    const known = this.#keys.get(instance);
    if (known !== undefined) return known;
    const key = keyOf(instance);
    this.#keys.set(instance, key);
    return key;
  }
}
