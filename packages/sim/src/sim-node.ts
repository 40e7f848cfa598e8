import type { Change, PeerRequest, PeerResponse, Version } from '@artemis/core';
import type { ArtemisConfig } from '@artemis/core/config';
import type { CatchUp, SimEndpoint, SimNetwork, SimRuntime, VirtualTime } from '@artemis/core/testing';
import { CollectedLogger, MemoryStore, peerEndpoint, simRuntime } from '@artemis/core/testing';
import type { ArtemisNode } from '@artemis/server';
import { createNode } from '@artemis/server';
import { answerClient, clientPath, deadlineHeader, isClientRequest, keysOf } from './client-endpoint.js';
import { NodeTable } from './node-table.js';

/** Lines of a node's log that are kept. */
const logLines = 500;
/** A pause up to this is none to a node. */
const noticedMs = 1000;

/** What a node finds on its disk when it starts again: what it wrote, nothing, or what was there some time before. */
export type Disk = 'kept' | 'lost' | 'old';

/** `down`: its process was killed or has ended. */
export type NodeState = 'running' | 'paused' | 'down';

/** What a node did for a client, before its answer leaves. */
export interface ClientAnswer {
  readonly node: SimNode;
  /** The versions that it made, by canonical key; none for a heartbeat. */
  readonly writes: ReadonlyMap<string, Version>;
  readonly response: PeerResponse;
  /** Number of the run in which the request arrived. */
  readonly run: number;
}

export interface SimNodeListener {
  /** In the turn of each change of the node's table. */
  changed(node: SimNode, change: Change): void;
  peerCalled(to: SimNode, request: PeerRequest, response: PeerResponse): void;
  clientAnswered(answer: ClientAnswer): void;
  /** Before the first change of a run. */
  started(node: SimNode): void;
  /** It goes on after a pause. */
  resumed(node: SimNode): void;
  /** It was killed, or has stopped. */
  ended(node: SimNode, disk: Disk): void;
  /** Its start failed, though nothing stood in the way. */
  failed(node: SimNode, error: unknown): void;
}

interface SimNodeOptions {
  readonly config: ArtemisConfig;
  readonly url: string;
  readonly time: VirtualTime;
  readonly network: SimNetwork;
  readonly seed: string;
  readonly skewMs: number;
  readonly listener: SimNodeListener;
}

/** One run of the program. */
interface Life {
  readonly runtime: SimRuntime;
  readonly node: ArtemisNode;
  readonly table: NodeTable;
}

/** A machine on which a node runs: its clock and its disk outlive the node, which can be killed and started again. */
export class SimNode {
  /** `node1`, `node2`, … */
  readonly id: string;
  readonly url: string;
  readonly config: ArtemisConfig;
  readonly #options: SimNodeOptions;
  readonly #wrappers: ((endpoint: SimEndpoint) => SimEndpoint)[] = [];
  #store = new MemoryStore();
  #backup: MemoryStore | undefined;
  #slowMs: number | undefined;
  #failure: Error | undefined;
  #run = 1;
  #pausedMs = 0;
  #pausedSinceMs = 0;
  #life: Life;
  #ended = false;

  constructor(options: SimNodeOptions) {
    this.#options = options;
    this.config = options.config;
    this.id = options.config.server.nodeId;
    this.url = options.url;
    this.#life = this.#build(options.skewMs, 1);
  }

  get runtime(): SimRuntime {
    return this.#life.runtime;
  }

  /** Of the present run, or the last one. */
  get node(): ArtemisNode {
    return this.#life.node;
  }

  /** What the change feed of this run has told so far. */
  get table(): NodeTable {
    return this.#life.table;
  }

  get store(): MemoryStore {
    return this.#store;
  }

  /** Number of the run, from 1. */
  get run(): number {
    return this.#run;
  }

  get state(): NodeState {
    const { state } = this.runtime.process;
    return this.#ended || state === 'dead' ? 'down' : state;
  }

  get ready(): boolean {
    return this.state === 'running' && this.node.state.health.readiness().ready;
  }

  /** Listens and starts. Resolves when the start is over; never while the process is killed before. */
  async start(): Promise<void> {
    this.#listen();
    this.#options.listener.started(this);
    await this.node.start();
  }

  /** Copies the disk, for a crash with an old one. */
  backUp(): void {
    this.#backup = this.#store.copy();
  }

  /** As by SIGKILL, or with `lost` and `old` as by the loss of the machine. */
  crash(disk: Disk): void {
    if (this.state === 'down') return;
    this.runtime.process.kill();
    this.#end(disk);
  }

  /** Hands over what waits and ends, as by SIGTERM. A process that is killed meanwhile never gets there. */
  async stop(): Promise<void> {
    if (this.state !== 'running') return;
    const { node } = this;
    await node.drain();
    await node.stop();
    this.#options.network.detach(this.url);
    this.#ended = true;
    this.#end('kept');
  }

  /** A new run on the disk and with the clock that the machine has. */
  restart(): void {
    if (this.state !== 'down') return;
    const { time, listener } = this.#options;
    this.#run += 1;
    this.#ended = false;
    const { clock } = this.runtime;
    this.#life = this.#build(clock.wallMs() - time.clock.wallMs(), clock.rate);
    this.start().catch((error: unknown) => listener.failed(this, error));
  }

  /** As by SIGSTOP. */
  pause(): void {
    if (this.state !== 'running') return;
    this.#pausedSinceMs = this.#options.time.nowMs;
    this.runtime.process.pause();
  }

  /** As by SIGCONT. */
  resume(order: CatchUp): void {
    if (this.state !== 'paused') return;
    const pauseMs = this.#options.time.nowMs - this.#pausedSinceMs;
    if (pauseMs > noticedMs) this.#pausedMs += pauseMs;
    this.#options.listener.resumed(this);
    this.runtime.process.resume(order);
  }

  /** How long it was paused in all, until the last time that it went on, ms: without pauses too short to be noticed. */
  get pausedMs(): number {
    return this.#pausedMs;
  }

  /** Every write takes so long from here on, ms; `undefined`: no more. */
  slowDisk(delayMs: number | undefined): void {
    this.#slowMs = delayMs;
    this.#slowStore(this.runtime);
  }

  /** Every write fails from here on; `undefined`: no more. */
  failDisk(error: Error | undefined): void {
    this.#failure = error;
    this.#store.failWith(error);
  }

  /** Puts something between the network and the node: a fault that no link can have, or a defect made on purpose. */
  wrap(wrapper: (endpoint: SimEndpoint) => SimEndpoint): void {
    this.#wrappers.push(wrapper);
    if (this.state !== 'down') this.#listen();
  }

  #end(disk: Disk): void {
    if (disk !== 'kept') this.#store = (disk === 'old' && this.#backup?.copy()) || new MemoryStore();
    this.#store.failWith(this.#failure);
    this.#options.listener.ended(this, disk);
  }

  #build(skewMs: number, rate: number): Life {
    const { config, url, time, network, seed, listener } = this.#options;
    const logger = new CollectedLogger(logLines);
    const store = this.#store;
    const runtime = simRuntime({ url, time, network, seed, skewMs, rate, logger, store });
    this.#slowStore(runtime);
    const node = createNode(config, runtime);
    const table = new NodeTable();
    node.changes.subscribe((change) => {
      table.apply(change, time.nowMs);
      listener.changed(this, change);
    });
    return { runtime, node, table };
  }

  /** By the timers of the run: what a process had under way when it was killed never ends. */
  #slowStore({ scheduler }: SimRuntime): void {
    const delayMs = this.#slowMs;
    this.#store.slowDown(delayMs === undefined ? undefined : { delayMs, scheduler });
  }

  #listen(): void {
    const endpoint = this.#wrappers.reduce((inner, wrapper) => wrapper(inner), this.#endpoint());
    this.#options.network.attach(this.url, endpoint, this.runtime.process);
  }

  #endpoint(): SimEndpoint {
    const { listener, time } = this.#options;
    const { state } = this.node;
    const run = this.#run;
    const forPeers = peerEndpoint(state);
    return async (request) => {
      if (isClientRequest(request)) {
        // A write that is read long after its client has gone away, from a connection that is closed, would be stamped as
        // new: whoever was paused drops it.
        if (time.nowMs >= Number(request.headers[deadlineHeader])) return new Promise(() => undefined);
        const { table } = this;
        const answering = answerClient(state, request);
        // The table is written before anything is waited for, so these are the versions of this very request.
        const writes = new Map(request.path === clientPath('heartbeat') ? [] : versionsIn(table, request));
        const response = await answering;
        listener.clientAnswered({ node: this, writes, response, run });
        return response;
      }
      const response = await forPeers(request);
      listener.peerCalled(this, request, response);
      return response;
    };
  }
}

function* versionsIn(table: NodeTable, request: PeerRequest): Generator<[string, Version]> {
  for (const key of keysOf(request)) {
    const version = table.get(key)?.version;
    if (version !== undefined) yield [key, version];
  }
}
