import type { Version } from '@artemis/core';
import { compareVersions } from '@artemis/core';
import type { SimCluster } from './cluster.js';
import type { ClientAnswer, SimNode } from './sim-node.js';
import type { Truth } from './truth.js';

/**
 * What is not promised: that a write survives whose node loses its disk before anybody else has it. Such a key counts as
 * undecided until its client writes again.
 */
export class Losses {
  readonly #cluster: SimCluster;
  readonly #truth: Truth;
  /** The newest acknowledged write of each key. */
  readonly #written = new Map<string, Version>();

  constructor(cluster: SimCluster, truth: Truth) {
    this.#cluster = cluster;
    this.#truth = truth;
  }

  acknowledged({ writes, response }: ClientAnswer): void {
    if (response.status !== 200) return;
    for (const [key, version] of writes) {
      const known = this.#written.get(key);
      if (known === undefined || compareVersions(version, known) > 0) this.#written.set(key, version);
    }
  }

  /** A node has ended, and may have taken with it what nobody else has. */
  ended(): void {
    for (const [key, version] of this.#written) {
      if (this.#cluster.nodes.some((node) => holds(node, key, version))) continue;
      this.#written.delete(key);
      this.#truth.lose(key);
    }
  }
}

function holds(node: SimNode, key: string, version: Version): boolean {
  const held = node.state === 'down' ? node.store.get(key) : node.table.get(key);
  return held !== undefined && compareVersions(held.version, version) >= 0;
}
