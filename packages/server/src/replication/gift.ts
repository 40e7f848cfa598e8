import type { OutboxItem } from './outbox.js';

/**
 * Keys that a peer is given besides what changes here, because an exchange found that it lacks them: handed to its
 * outbox page by page, and watched until each has been delivered.
 */
export class Gift {
  /** Resolves once: whether every key was taken. */
  readonly taken: Promise<boolean>;
  readonly #keys: readonly string[];
  readonly #underWay = new Set<string>();
  #next = 0;
  #settle!: (taken: boolean) => void;

  constructor(keys: readonly string[]) {
    this.#keys = keys;
    this.taken = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Whether nothing is left to be handed to the outbox. */
  get handedOver(): boolean {
    return this.#next >= this.#keys.length;
  }

  page(size: number): readonly string[] {
    const page = this.#keys.slice(this.#next, this.#next + size);
    this.#next += page.length;
    for (const key of page) this.#underWay.add(key);
    return page;
  }

  /**
   * Some keys have left; those that were not delivered will leave again.
   *
   * @returns whether that was the last of it
   */
  delivered(taken: readonly OutboxItem[], undelivered: readonly OutboxItem[]): boolean {
    const left = new Set(undelivered);
    for (const item of taken) if (!left.has(item)) this.#underWay.delete(item.key);
    const isDone = this.handedOver && this.#underWay.size === 0;
    if (isDone) this.#settle(true);
    return isDone;
  }

  fail(): void {
    this.#settle(false);
  }
}
