import { TransportError, type PeerRequest, type PeerResponse } from '../traits/runtime.js';
import type { PeerTransport, Scheduler } from '../traits/runtime.js';
import type { SeededRandom } from './seeded-random.js';
import { SimCall, type SimEndpoint, type SimListener } from './sim-call.js';
import { SimLink, type LinkFaults } from './sim-link.js';
import { SimProcess } from './sim-process.js';
import { TrafficCount, type Traffic, type TrafficFilter } from './traffic.js';

export interface SimNetworkOptions {
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  /** Of every link, unless it has its own. Default: nothing is lost and every way takes 1 ms. */
  readonly faults?: Partial<LinkFaults>;
  /** Longest answer that is taken, in bytes. Default 64 MiB. */
  readonly maxAnswerBytes?: number;
  /** Calls kept for {@link SimNetwork.log}. Default 200. */
  readonly logLength?: number;
}

const healthy: LinkFaults = { requestLoss: 0, answerLoss: 0, duplicates: 0, delayMs: [1, 1] };

/** Nodes by URL and the links between them. What passes is JSON text, both ways. */
export class SimNetwork {
  readonly #scheduler: Scheduler;
  readonly #random: SeededRandom;
  readonly #maxAnswerBytes: number;
  readonly #logLength: number;
  readonly #listeners = new Map<string, SimListener>();
  /** Of those that have none: clients, and endpoints of tests. */
  readonly #noProcess: SimProcess;
  readonly #links = new Map<string, SimLink>();
  readonly #traffic = new TrafficCount();
  readonly #log: string[] = [];
  #faults: LinkFaults;

  constructor({ scheduler, random, faults, maxAnswerBytes, logLength }: SimNetworkOptions) {
    this.#scheduler = scheduler;
    this.#noProcess = new SimProcess((task) => scheduler.soon(task));
    this.#random = random;
    this.#faults = { ...healthy, ...faults };
    this.#maxAnswerBytes = maxAnswerBytes ?? 64 * 1024 * 1024;
    this.#logLength = logLength ?? 200;
  }

  /**
   * What a node at `fromUrl` calls others with.
   *
   * @param caller holds up what comes back while it is paused; one that was killed hears nothing any more
   */
  transport(fromUrl: string, caller = this.#noProcess): PeerTransport {
    return new SimTransport((peerUrl, request) => this.#call(fromUrl, peerUrl, request, caller));
  }

  /**
   * Answers calls to `url` from here on, in place of what answered before.
   *
   * @param process takes requests in once it runs; when it is killed those under way are reset and later ones refused
   */
  attach(url: string, endpoint: SimEndpoint, process = this.#noProcess): void {
    this.#listeners.set(url, { endpoint, process });
  }

  /** Calls to `url` are refused from here on. */
  detach(url: string): void {
    this.#listeners.delete(url);
  }

  /** Changes the faults of all links, except what a link has of its own. */
  setFaults(faults: Partial<LinkFaults>): void {
    this.#faults = { ...this.#faults, ...faults };
  }

  /** Gives one direction of a link faults of its own, in place of those that it had; `{}`: none. */
  setLinkFaults(from: string, to: string, faults: Partial<LinkFaults>): void {
    this.#link(from, to).ownFaults = faults;
  }

  /** Nothing passes from `from` to `to` any more: no requests, and no answers to requests of `to`. */
  cut(from: string, to: string): void {
    this.#link(from, to).isCut = true;
  }

  /** Ends one cut; without arguments all of them. */
  heal(from?: string, to?: string): void {
    const healed = from === undefined || to === undefined ? this.#links.values() : [this.#link(from, to)];
    for (const link of healed) link.isCut = false;
  }

  /** Whether nothing passes from `from` to `to`. */
  isCut(from: string, to: string): boolean {
    return this.#link(from, to).isCut;
  }

  /** What was sent so far. */
  traffic(filter: TrafficFilter = {}): Traffic {
    return this.#traffic.sum(filter);
  }

  resetTraffic(): void {
    this.#traffic.clear();
  }

  /** The last calls that ended, oldest first, a line each. */
  get log(): readonly string[] {
    return this.#log;
  }

  #call(from: string, to: string, request: PeerRequest, caller: SimProcess): SimCall {
    const what = `${from} -> ${to} ${request.method} ${request.path}`;
    const context = {
      scheduler: this.#scheduler,
      caller,
      out: this.#link(from, to),
      back: this.#link(to, from),
      maxAnswerBytes: this.#maxAnswerBytes,
      listener: () => this.#listeners.get(to),
      count: (part: Partial<Traffic>) => this.#traffic.add({ from, to, path: request.path }, part),
      ended: (outcome: string) => this.#report(`${what}: ${outcome}`),
    };
    return new SimCall(context, request, to);
  }

  #report(line: string): void {
    this.#log.push(line);
    if (this.#log.length > this.#logLength) this.#log.shift();
  }

  #link(from: string, to: string): SimLink {
    const name = `${from} > ${to}`;
    const known = this.#links.get(name);
    if (known !== undefined) return known;
    const link = new SimLink(this.#scheduler, this.#random.fork(name), () => this.#faults);
    this.#links.set(name, link);
    return link;
  }
}

class SimTransport implements PeerTransport {
  readonly #send: (peerUrl: string, request: PeerRequest) => SimCall;
  readonly #underWay = new Set<SimCall>();
  #closed = false;

  constructor(send: (peerUrl: string, request: PeerRequest) => SimCall) {
    this.#send = send;
  }

  async call(peerUrl: string, request: PeerRequest): Promise<PeerResponse> {
    if (this.#closed) {
      throw new TransportError(
        'closed',
        `${request.method} ${peerUrl}${request.path}: the transport is closed`,
      );
    }
    const call = this.#send(peerUrl, request);
    this.#underWay.add(call);
    try {
      return await call.outcome;
    } finally {
      this.#underWay.delete(call);
    }
  }

  close(): void {
    this.#closed = true;
    for (const call of this.#underWay) call.fail('closed', 'the transport was closed during the call');
  }
}
