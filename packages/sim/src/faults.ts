import type { Scheduler } from '@artemis/core';
import type { CatchUp, LinkFaults, SeededRandom, SimNetwork } from '@artemis/core/testing';
import type { Disk, SimNode } from './sim-node.js';

type Pair = readonly [from: SimNode, to: SimNode];

/** A stretch of virtual time, ms since the start. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** As they are counted. `refusal`: a node answers requests otherwise than a node does. */
export type FaultKind =
  | 'cut'
  | 'disturbed link'
  | 'crash'
  | 'crash with loss of disk'
  | 'crash with an old disk'
  | 'pause'
  | 'restart'
  | 'clock'
  | 'slow disk'
  | 'failing disk'
  | 'refusal';

interface Fault {
  readonly kind: FaultKind;
  /** For the trace. */
  readonly what: string;
  /** Whom it disturbs: a node, or the link between two. */
  readonly on: SimNode | Pair;
  readonly begin: () => void;
  readonly end: () => void;
}

interface FaultWorld {
  readonly network: SimNetwork;
  readonly scheduler: Scheduler;
  readonly nowMs: () => number;
  readonly note: (text: string) => void;
  readonly failed: (node: SimNode, error: unknown) => void;
}

const crashes: Readonly<Record<Disk, FaultKind>> = {
  kept: 'crash',
  lost: 'crash with loss of disk',
  old: 'crash with an old disk',
};

/** What goes wrong, and when. Every fault ends; faults of one kind on one node or link may overlap. */
export class FaultPlan {
  readonly #world: FaultWorld;
  readonly #active = new Map<string, number>();
  readonly #counts = new Map<FaultKind, number>();
  /** By node, or link in either direction: what disturbs it now, and since when nothing does. */
  readonly #disturbed = new Map<string, { faults: number; sinceMs: number }>();
  #endMs = 0;

  constructor(world: FaultWorld) {
    this.#world = world;
  }

  /** How many of each kind were planned. */
  get counts(): Readonly<Partial<Record<FaultKind, number>>> {
    return Object.fromEntries(this.#counts);
  }

  /** When the last one ends. */
  get endMs(): number {
    return this.#endMs;
  }

  /** Since when nothing disturbs the two nodes or the link between them, ms; `undefined` while something does. */
  calmSinceMs(a: SimNode, b: SimNode): number | undefined {
    const known = [a.id, b.id, linkName([a, b])].map((name) => this.#disturbed.get(name));
    if (known.some((one) => one !== undefined && one.faults > 0)) return undefined;
    return Math.max(-Infinity, ...known.map((one) => one?.sinceMs ?? -Infinity));
  }

  /** Nothing passes from the one to the other: no requests, and no answers to requests of the other. */
  cut(pair: Pair, span: Span): void {
    const { network } = this.#world;
    const [from, to] = pair;
    this.during(span, {
      kind: 'cut',
      what: `cut ${from.id} -> ${to.id}`,
      on: pair,
      begin: () => network.cut(from.url, to.url),
      end: () => network.heal(from.url, to.url),
    });
  }

  cutBothWays([a, b]: Pair, span: Span): void {
    this.cut([a, b], span);
    this.cut([b, a], span);
  }

  /** Nothing passes between the nodes of the one group and those of the other. */
  part(group: readonly SimNode[], others: readonly SimNode[], span: Span): void {
    for (const node of group) for (const other of others) this.cutBothWays([node, other], span);
  }

  /** One direction loses, doubles or delays what passes it. The spans of one direction must not overlap. */
  disturb(pair: Pair, faults: Partial<LinkFaults>, span: Span): void {
    const { network } = this.#world;
    const [from, to] = pair;
    this.during(span, {
      kind: 'disturbed link',
      what: `disturb ${from.id} -> ${to.id} ${JSON.stringify(faults)}`,
      on: pair,
      begin: () => network.setLinkFaults(from.url, to.url, faults),
      end: () => network.setLinkFaults(from.url, to.url, {}),
    });
  }

  /** Killed, and started again when the span ends. */
  crash(node: SimNode, span: Span, disk: Disk = 'kept'): void {
    this.during(span, {
      kind: crashes[disk],
      what: `${crashes[disk]} of ${node.id}`,
      on: node,
      begin: () => node.crash(disk),
      end: () => node.restart(),
    });
  }

  /** Nothing of the node runs, its clocks do. */
  pause(node: SimNode, span: Span, order: CatchUp = 'timers-first'): void {
    this.during(span, {
      kind: 'pause',
      what: `pause of ${node.id}, then ${order}`,
      on: node,
      begin: () => node.pause(),
      end: () => node.resume(order),
    });
  }

  /** Stopped as by an operator, and started again when the span ends, or when it has stopped if that is later. */
  restart(node: SimNode, span: Span): void {
    let stopped: Promise<void> = Promise.resolve();
    this.during(span, {
      kind: 'restart',
      what: `orderly restart of ${node.id}`,
      on: node,
      begin: () => {
        stopped = node.stop();
      },
      end: () => {
        const restarted = stopped.then(() => node.restart());
        restarted.catch((error: unknown) => this.#world.failed(node, error));
      },
    });
  }

  /** The wall clock jumps ahead, back with a negative number, and is right again at the end. */
  jumpClock(node: SimNode, ms: number, span: Span): void {
    this.during(span, {
      kind: 'clock',
      what: `the clock of ${node.id} is off by another ${ms} ms`,
      on: node,
      begin: () => node.runtime.clock.jump(ms),
      end: () => node.runtime.clock.jump(-ms),
    });
  }

  /** All clocks of the node go faster or slower. */
  driftClock(node: SimNode, rate: number, span: Span): void {
    this.during(span, {
      kind: 'clock',
      what: `the clock of ${node.id} runs at ${rate}`,
      on: node,
      begin: () => node.runtime.clock.setRate(rate),
      end: () => node.runtime.clock.setRate(1),
    });
  }

  /** Every write to the disk takes so long. */
  slowDisk(node: SimNode, delayMs: number, span: Span): void {
    this.during(span, {
      kind: 'slow disk',
      what: `the disk of ${node.id} takes ${delayMs} ms`,
      on: node,
      begin: () => node.slowDisk(delayMs),
      end: () => node.slowDisk(undefined),
    });
  }

  /** No write to the disk succeeds. */
  failDisk(node: SimNode, span: Span): void {
    this.during(span, {
      kind: 'failing disk',
      what: `the disk of ${node.id} is full`,
      on: node,
      begin: () => node.failDisk(new Error('ENOSPC: no space left on device')),
      end: () => node.failDisk(undefined),
    });
  }

  /** Any fault with a beginning and an end; of several of the same text that overlap only the whole counts. */
  during({ fromMs, toMs }: Span, { kind, what, on, begin, end }: Fault): void {
    const { scheduler, nowMs, note } = this.#world;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    this.#endMs = Math.max(this.#endMs, toMs);
    const place = 'id' in on ? on.id : linkName(on);
    scheduler.after(fromMs - nowMs(), () => {
      note(`${what} begins`);
      this.#disturb(place, 1);
      if (this.#overlap(what, 1) === 1) begin();
    });
    scheduler.after(toMs - nowMs(), () => {
      note(`${what} ends`);
      if (this.#overlap(what, -1) === 0) end();
      this.#disturb(place, -1);
    });
  }

  /** How many of these faults are on. */
  #overlap(what: string, by: 1 | -1): number {
    const count = (this.#active.get(what) ?? 0) + by;
    this.#active.set(what, count);
    return count;
  }

  #disturb(place: string, by: 1 | -1): void {
    const { faults } = this.#disturbed.get(place) ?? { faults: 0 };
    this.#disturbed.set(place, { faults: faults + by, sinceMs: this.#world.nowMs() });
  }
}

function linkName([a, b]: Pair): string {
  return [a.id, b.id].sort().join(' ');
}

/** A stretch of a length between these, somewhere within `within`. */
export function drawSpan(random: SeededRandom, within: Span, lengthMs: readonly [number, number]): Span {
  const length = Math.min(random.between(...lengthMs), within.toMs - within.fromMs);
  const fromMs = Math.round(random.between(within.fromMs, within.toMs - length));
  return { fromMs, toMs: Math.round(fromMs + length) };
}
