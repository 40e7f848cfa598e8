import { keyOf, sameInstance } from '@artemis/core';
import type { DiscoveredInstance, InstanceChange } from '../discovered-instance.js';

/** What is known of one service, and how it came to differ from what was known. */
export class HeldService {
  readonly #byKey = new Map<string, DiscoveredInstance>();
  #list: readonly DiscoveredInstance[] | undefined = [];

  /** The same array until something changes. */
  get instances(): readonly DiscoveredInstance[] {
    this.#list ??= [...this.#byKey.values()];
    return this.#list;
  }

  /**
   * Takes everything that there is, and answers what is different: gone first, so that whoever follows the changes never
   * holds more than there is.
   */
  replace(
    instances: readonly DiscoveredInstance[],
    at: { readonly change_time: string; readonly revision: number },
  ): InstanceChange[] {
    const changes: InstanceChange[] = [];
    const shown = new Set(instances.map(keyOf));
    for (const [key, instance] of this.#byKey) {
      if (!shown.has(key)) changes.push({ change_type: 'delete', instance, ...at });
    }
    for (const instance of instances) {
      const before = this.#byKey.get(keyOf(instance));
      if (before === undefined) changes.push({ change_type: 'new', instance, ...at });
      else if (!sameInstance(before, instance)) changes.push({ change_type: 'change', instance, ...at });
    }
    if (changes.length > 0) {
      this.#byKey.clear();
      for (const instance of instances) this.#byKey.set(keyOf(instance), instance);
      this.#list = undefined;
    }
    return changes;
  }

  /** Takes steps of a node, and answers those that make a difference, named for what they are here. */
  apply(changes: readonly InstanceChange[]): InstanceChange[] {
    return changes.map((change) => this.#step(change)).filter((change) => change !== undefined);
  }

  #step(change: InstanceChange): InstanceChange | undefined {
    const key = keyOf(change.instance);
    const before = this.#byKey.get(key);
    if (change.change_type === 'delete') {
      if (!this.#byKey.delete(key)) return undefined;
      this.#list = undefined;
      return change;
    }
    if (before !== undefined && sameInstance(before, change.instance)) return undefined;
    this.#byKey.set(key, change.instance);
    this.#list = undefined;
    return { ...change, change_type: before === undefined ? 'new' : 'change' };
  }
}
