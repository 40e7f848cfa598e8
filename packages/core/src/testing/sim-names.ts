import type { Resolver } from '../traits/runtime.js';

/** A name service that says what it is told to say. */
export class SimNames implements Resolver {
  readonly #known = new Map<string, readonly string[]>();

  /** From here on the name has these addresses; none: it is unknown. */
  set(host: string, addresses: readonly string[]): void {
    if (addresses.length === 0) this.#known.delete(host);
    else this.#known.set(host, addresses);
  }

  async resolve(host: string): Promise<readonly string[]> {
    const found = this.#known.get(host);
    if (found === undefined) throw new Error(`unknown host ${host}`);
    return found;
  }
}
