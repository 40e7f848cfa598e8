import type { Scheduler } from '@artemis/core';
import type { LinkFaults, SeededRandom, SimNetwork } from '@artemis/core/testing';
import type { SimNode } from './cluster.js';

type Pair = readonly [from: SimNode, to: SimNode];

/** A stretch of virtual time, ms since the start. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

interface FaultWorld {
  readonly network: SimNetwork;
  readonly scheduler: Scheduler;
  readonly nowMs: () => number;
  readonly note: (text: string) => void;
}

/** What goes wrong between nodes, and when. Every fault ends. */
export class FaultPlan {
  readonly #world: FaultWorld;
  /** Cuts of one direction may overlap: it is whole again when the last one ends. */
  readonly #cuts = new Map<string, number>();
  #planned = 0;
  #endMs = 0;

  constructor(world: FaultWorld) {
    this.#world = world;
  }

  /** How many were planned. */
  get count(): number {
    return this.#planned;
  }

  /** When the last one ends. */
  get endMs(): number {
    return this.#endMs;
  }

  /** Nothing passes from the one to the other: no requests, and no answers to requests of the other. */
  cut([from, to]: Pair, span: Span): void {
    const name = `${from.id} -> ${to.id}`;
    const begin = (): void => {
      this.#cuts.set(name, (this.#cuts.get(name) ?? 0) + 1);
      this.#world.network.cut(from.url, to.url);
    };
    const end = (): void => {
      const left = (this.#cuts.get(name) ?? 0) - 1;
      this.#cuts.set(name, left);
      if (left === 0) this.#world.network.heal(from.url, to.url);
    };
    this.during(`cut ${name}`, span, begin, end);
  }

  cutBothWays([a, b]: Pair, span: Span): void {
    this.cut([a, b], span);
    this.cut([b, a], span);
  }

  /** One direction loses, doubles or delays what passes it. The spans of one direction must not overlap. */
  disturb([from, to]: Pair, faults: Partial<LinkFaults>, span: Span): void {
    const { network } = this.#world;
    const begin = (): void => network.setLinkFaults(from.url, to.url, faults);
    const end = (): void => network.setLinkFaults(from.url, to.url, {});
    this.during(`disturb ${from.id} -> ${to.id} ${JSON.stringify(faults)}`, span, begin, end);
  }

  /** Any fault with a beginning and an end. */
  during(what: string, { fromMs, toMs }: Span, begin: () => void, end: () => void): void {
    const { scheduler, nowMs, note } = this.#world;
    this.#planned += 1;
    this.#endMs = Math.max(this.#endMs, toMs);
    scheduler.after(fromMs - nowMs(), () => {
      note(`${what} begins`);
      begin();
    });
    scheduler.after(toMs - nowMs(), () => {
      note(`${what} ends`);
      end();
    });
  }
}

/** A stretch of a length between these, somewhere within `within`. */
export function drawSpan(random: SeededRandom, within: Span, lengthMs: readonly [number, number]): Span {
  const length = Math.min(random.between(...lengthMs), within.toMs - within.fromMs);
  const fromMs = Math.round(random.between(within.fromMs, within.toMs - length));
  return { fromMs, toMs: Math.round(fromMs + length) };
}
