import type { Clock, Random } from '@artemis/core';

/** A node as the cluster lists it. */
export interface ListedNode {
  readonly url: string;
  readonly region: string;
  readonly zone: string;
}

export interface NodeListOptions {
  /** Base URLs that the caller gave. They are kept even when the cluster does not list them. */
  readonly urls: readonly string[];
  readonly region: string | undefined;
  readonly zone: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

interface Entry {
  readonly url: string;
  readonly isGiven: boolean;
  /** As the cluster lists it; `undefined` before it does. */
  listed: ListedNode | undefined;
  /** Draws the order of equals, so that the clients of a cluster spread over its nodes. */
  readonly draw: number;
  failures: number;
  /** Monotonic; it is left alone until then. */
  notBeforeMs: number;
}

const firstPauseMs = 200;
const longestPauseMs = 5_000;

/** A base URL as it is compared and called: without slash at the end. */
export function baseUrl(url: string): string {
  return url.replace(/\/+$/, '');
}

/**
 * The nodes of the cluster in the order in which they are tried: those of the same zone, of the same region, the others,
 * and last what the caller gave and the cluster does not list (the address of a load balancer, perhaps). One that failed
 * is left alone for a while, longer each time, by chance a little more or less.
 */
export class NodeList {
  readonly #options: NodeListOptions;
  readonly #entries = new Map<string, Entry>();
  #order: readonly Entry[] = [];

  constructor(options: NodeListOptions) {
    this.#options = options;
    for (const url of options.urls) this.#add(baseUrl(url), true);
    this.#sort();
  }

  get urls(): readonly string[] {
    return this.#order.map(({ url }) => url);
  }

  /** The node to try now; while all are left alone, how long it takes until one is not. */
  next(): { readonly url: string } | { readonly waitMs: number } {
    const nowMs = this.#options.clock.monotonicMs();
    const entry = this.#order.find(({ notBeforeMs }) => notBeforeMs <= nowMs);
    if (entry !== undefined) return entry;
    return { waitMs: Math.min(...this.#order.map(({ notBeforeMs }) => notBeforeMs)) - nowMs };
  }

  /** It failed, or said that it stops. @param retryAfterMs how long it asked to be left alone */
  failed(url: string, retryAfterMs?: number): void {
    const entry = this.#entries.get(url);
    if (entry === undefined) return;
    entry.failures += 1;
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(entry.failures - 1, 10));
    const { clock, random } = this.#options;
    // Between half and the whole, so that the clients of a node that comes back do not come back all at once.
    const ownMs = pauseMs * (0.5 + random.next() / 2);
    const askedMs = (retryAfterMs ?? 0) * (1 + random.next() / 4);
    entry.notBeforeMs = clock.monotonicMs() + Math.max(ownMs, askedMs);
  }

  /** It has served for long enough to be trusted again. */
  succeeded(url: string): void {
    const entry = this.#entries.get(url);
    if (entry !== undefined) Object.assign(entry, { failures: 0, notBeforeMs: 0 });
  }

  /** Takes what the cluster lists. Answers whether the nodes or their order changed. */
  update(nodes: readonly ListedNode[]): boolean {
    const before = this.urls;
    for (const entry of this.#entries.values()) entry.listed = undefined;
    for (const node of nodes) this.#add(baseUrl(node.url), false).listed = node;
    for (const { url, isGiven, listed } of [...this.#entries.values()]) {
      if (!isGiven && listed === undefined) this.#entries.delete(url);
    }
    this.#sort();
    return this.urls.join(' ') !== before.join(' ');
  }

  #add(url: string, isGiven: boolean): Entry {
    const draw = this.#options.random.next();
    const made: Entry = { url, isGiven, listed: undefined, draw, failures: 0, notBeforeMs: 0 };
    const entry = this.#entries.get(url) ?? made;
    this.#entries.set(url, entry);
    return entry;
  }

  #sort(): void {
    this.#order = [...this.#entries.values()].sort(
      (a, b) => this.#rank(a) - this.#rank(b) || a.draw - b.draw,
    );
  }

  #rank({ listed }: Entry): number {
    const { region, zone } = this.#options;
    if (listed === undefined) return 3;
    if (region !== undefined && listed.region !== region) return 2;
    if (zone !== undefined && listed.zone !== zone) return 1;
    return 0;
  }
}
