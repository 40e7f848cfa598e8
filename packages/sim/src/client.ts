import type { Cancel, Instance, PeerTransport, Scheduler } from '@artemis/core';
import { keyOf, stampAt, toInstanceKey } from '@artemis/core';
import type { SeededRandom } from '@artemis/core/testing';
import type { ClientCall } from './client-endpoint.js';
import { clientPath, deadlineHeader } from './client-endpoint.js';
import type { ClientEvent } from './client-event.js';
import type { SimNode } from './sim-node.js';

/**
 * `sticky`: always its home. `sprayed`: any node, each time. `wandering`: its home, which changes now and then.
 * `moving`: its home until that fails it, then at once another one, as an SDK does.
 */
export type Routing = 'sticky' | 'sprayed' | 'wandering' | 'moving';

/** `carried`: sends back the newest clock that it has seen, as an SDK does. `hostile`: claims to live next year. */
type ClientClock = 'carried' | 'none' | 'hostile';

/** How long a client waits for an answer: longer than every way of its links takes. */
const timeoutMs = 2000;
const wanderChance = 0.1;
const yearMs = 365 * 24 * 3_600_000;

export interface ClientOptions {
  readonly id: string;
  readonly instance: Instance;
  readonly ttlMs: number;
  readonly routing: Routing;
  /** Default `carried`. */
  readonly clock?: ClientClock;
  /** Index of the first home among the nodes. */
  readonly home: number;
  /** Shortest and longest time between heartbeats; default: a third of the lease. */
  readonly heartbeatMs?: readonly [number, number];
  /** Whether other clients register the same key. */
  readonly shared?: boolean;
}

export interface ClientWorld {
  readonly nodes: readonly SimNode[];
  readonly transport: PeerTransport;
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly nowMs: () => number;
  /** Wall time without skew. */
  readonly wallMs: () => number;
  readonly emit: (event: ClientEvent) => void;
}

interface Task {
  readonly call: ClientCall;
  /** Where it goes first; default: as the routing says. */
  readonly at?: SimNode;
}

interface Sent {
  readonly call: ClientCall;
  readonly node: SimNode;
  readonly instance: Instance;
  readonly sentMs: number;
}

/**
 * One client: it does one thing at a time, repeats a write until it is answered, keeps its lease alive, and registers
 * again when a node does not know its key.
 */
export class SimClient {
  readonly key: string;
  readonly #options: ClientOptions;
  readonly #world: ClientWorld;
  #instance: Instance;
  #home: SimNode;
  #queue: Task[] = [];
  #busy = false;
  #registered = false;
  /** Counts lives: what a life left under way must not touch the next. */
  #life = 1;
  #dead = false;
  #heartbeatMs: readonly [number, number];
  #nextBeat: Cancel | undefined;
  #seenClock = 0;

  constructor(options: ClientOptions, world: ClientWorld) {
    this.#options = options;
    this.#world = world;
    this.#instance = options.instance;
    this.key = keyOf(options.instance);
    this.#home = this.#nodeAt(options.home);
    this.#heartbeatMs = options.heartbeatMs ?? [options.ttlMs / 3, options.ttlMs / 3];
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** Whether it is registered, or about to be. */
  get wanted(): boolean {
    const last = this.#queue.at(-1);
    return last === undefined ? this.#registered : last.call !== 'unregister';
  }

  /** Whether nothing is under way or waits. */
  get idle(): boolean {
    return !this.#busy && this.#queue.length === 0;
  }

  /** Registers, with these changes from now on. A dead client lives again. */
  register(changes: Partial<Instance> = {}, at?: SimNode): void {
    if (this.#dead) {
      this.#dead = false;
      this.#life += 1;
      this.#busy = false;
    }
    this.#instance = { ...this.#instance, ...changes };
    this.#enqueue('register', at);
  }

  unregister(at?: SimNode): void {
    this.#enqueue('unregister', at);
  }

  /** One heartbeat now, besides the regular ones. */
  heartbeat(at?: SimNode): void {
    this.#enqueue('heartbeat', at);
  }

  /** Falls silent, in the middle of whatever it was doing. */
  die(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#registered = false;
    this.#queue = [];
    this.#nextBeat?.();
    const sentMs = this.#world.nowMs();
    this.#emit('died', { call: 'heartbeat', node: this.#home, instance: this.#instance, sentMs });
  }

  /** From now on three heartbeats within a lease. One that did it otherwise begins at once, its lease may end soon. */
  beatRegularly(): void {
    if (this.#options.heartbeatMs === undefined) return;
    const third = this.#options.ttlMs / 3;
    this.#heartbeatMs = [third, third];
    if (!this.#registered) return;
    this.heartbeat();
    this.#planBeat();
  }

  #enqueue(call: ClientCall, at?: SimNode): void {
    if (this.#dead) return;
    this.#queue.push(at === undefined ? { call } : { call, at });
    this.#pump();
  }

  #pump(): void {
    const task = this.#queue[0];
    if (this.#busy || task === undefined) return;
    this.#busy = true;
    void this.#perform(task, this.#life);
  }

  async #perform({ call, at }: Task, life: number): Promise<void> {
    const node = at ?? this.#choose();
    // What is registered may change while the answer is awaited.
    const sent = { call, node, instance: this.#instance, sentMs: this.#world.nowMs() };
    this.#emit('sent', sent);
    const kind = await this.#send(sent);
    if (this.#dead || life !== this.#life) return;
    this.#emit(kind, sent);
    this.#busy = false;
    const moves = kind === 'failed' && this.#options.routing === 'moving';
    if (moves) this.#home = this.#world.random.pick(this.#world.nodes.filter((other) => other !== node));
    if (moves || (kind === 'failed' && call !== 'heartbeat')) {
      this.#retry(call, life);
      return;
    }
    this.#queue.shift();
    this.#afterwards(kind, call);
    this.#pump();
  }

  /** A write that was not answered is repeated, wherever the routing leads this time. */
  #retry(call: ClientCall, life: number): void {
    this.#busy = true;
    this.#world.scheduler.after(this.#world.random.between(200, 800), () => {
      if (this.#dead || life !== this.#life) return;
      this.#queue[0] = { call };
      this.#busy = false;
      this.#pump();
    });
  }

  #afterwards(kind: ClientEvent['kind'], call: ClientCall): void {
    if (call === 'register') this.#registered = true;
    if (call === 'unregister') this.#registered = false;
    if (call !== 'heartbeat') this.#planBeat();
    if (kind === 'unknown' && this.#queue.length === 0) this.#queue.push({ call: 'register' });
  }

  #planBeat(): void {
    this.#nextBeat?.();
    if (!this.#registered) return;
    this.#nextBeat = this.#world.scheduler.after(this.#world.random.between(...this.#heartbeatMs), () => {
      this.#planBeat();
      if (this.#queue.length === 0) this.#enqueue('heartbeat');
    });
  }

  async #send({ call, node, instance }: Sent): Promise<'acknowledged' | 'unknown' | 'failed'> {
    const body =
      call === 'register' ? { instances: [instance] } : { instance_keys: [toInstanceKey(instance)] };
    const clock = this.#clockHeader();
    const headers: Record<string, string> = {
      [deadlineHeader]: String(this.#world.nowMs() + timeoutMs),
      ...(clock !== undefined && { 'x-artemis-clock': clock }),
    };
    try {
      const path = clientPath(call);
      const answer = await this.#world.transport.call(node.url, {
        method: 'POST',
        path,
        headers,
        body,
        timeoutMs,
      });
      this.#seenClock = Math.max(this.#seenClock, Number(answer.headers['x-artemis-clock'] ?? 0));
      if (answer.status !== 200) return 'failed';
      const { response_status: status } = answer.body as { response_status: { error_code: string } };
      if (status.error_code === 'success') return 'acknowledged';
      return call === 'heartbeat' ? 'unknown' : 'failed';
    } catch {
      return 'failed';
    }
  }

  #clockHeader(): string | undefined {
    switch (this.#options.clock ?? 'carried') {
      case 'carried':
        return this.#seenClock === 0 ? undefined : String(this.#seenClock);
      case 'hostile':
        return String(stampAt(this.#world.wallMs() + yearMs));
      case 'none':
        return undefined;
    }
  }

  #choose(): SimNode {
    const { random, nodes } = this.#world;
    if (this.#options.routing === 'sprayed') return random.pick(nodes);
    if (this.#options.routing === 'wandering' && random.chance(wanderChance)) this.#home = random.pick(nodes);
    return this.#home;
  }

  #nodeAt(index: number): SimNode {
    const { nodes } = this.#world;
    const node = nodes[index % nodes.length];
    if (node === undefined) throw new Error('a client needs a node');
    return node;
  }

  #emit(kind: ClientEvent['kind'], { call, node, instance, sentMs }: Sent): void {
    const { id, ttlMs, shared = false } = this.#options;
    this.#world.emit({
      kind,
      call,
      clientId: id,
      key: this.key,
      shared,
      nodeId: node.id,
      sentMs,
      atMs: this.#world.nowMs(),
      instance,
      ttlMs,
    });
  }
}
