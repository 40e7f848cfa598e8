import { SeededRandom } from '@artemis/core/testing';
import { bodyRequest } from './body-requests.js';
import { exchangeRequest } from './exchange-requests.js';
import { framingRequest } from './framing-requests.js';
import type { FuzzRequest } from './fuzz-request.js';
import { headerRequest } from './header-requests.js';
import { heavyRequest } from './heavy-requests.js';
import { faultOf } from './judge.js';
import { pathRequest } from './path-requests.js';
import { peerRequest } from './peer-requests.js';
import { mutatedRequest, validRequest } from './route-requests.js';
import { Wire, type WireTarget } from './wire.js';
import type { Maker, World } from './world.js';

export interface CampaignOptions {
  readonly seed: number;
  /** The first request of the seed, and the one after the last. */
  readonly from: number;
  readonly to: number;
  readonly target: WireTarget;
  readonly world: World;
  /** Called before each request is sent, with what may come of it. */
  readonly sending: (request: FuzzRequest) => void;
}

/** A request that was not answered as it must be. */
export interface Finding {
  readonly index: number;
  readonly request: FuzzRequest;
  readonly fault: string;
}

export interface CampaignReport {
  readonly sent: number;
  readonly statuses: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
  /** What took longest, ms. */
  readonly slowest: readonly { readonly label: string; readonly ms: number }[];
}

/** In a thousand. Heavy requests are few, since each takes as long as hundreds of others. */
const makers: readonly (readonly [share: number, make: Maker])[] = [
  [3, heavyRequest],
  [110, validRequest],
  [300, mutatedRequest],
  [200, peerRequest],
  [51, exchangeRequest],
  [120, headerRequest],
  [80, pathRequest],
  [80, bodyRequest],
  [56, framingRequest],
];

/** Requests under way at the same time. */
const lanes = 6;
/** After so many findings the rest would say the same. */
const enough = 10;

/** Request number `index` of a seed: the same each time, in the same world. */
function requestOf(world: World, seed: number, index: number): FuzzRequest {
  const random = new SeededRandom(`${seed}/${index}`);
  let ticket = random.int(0, 999);
  for (const [share, make] of makers) {
    if (ticket < share) return make(world, random);
    ticket -= share;
  }
  throw new Error('the shares are no thousand');
}

/** Sends all requests, six at a time, and judges each answer by itself. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const { from, to } = options;
  const queue = Array.from({ length: to - from }, (_, offset) => from + offset).values();
  const statuses = new Map<string, number>();
  const findings: Finding[] = [];
  const slowest: { label: string; ms: number }[] = [];
  let sent = 0;
  const lane = async (): Promise<void> => {
    const connection = new Lane(options.target);
    for (const index of queue) {
      if (findings.length >= enough) break;
      const request = requestOf(options.world, options.seed, index);
      options.sending(request);
      sent += 1;
      const startedMs = performance.now();
      const { fault, status } = await attempt(connection, request);
      slowest.push({ label: request.label, ms: Math.round(performance.now() - startedMs) });
      if (slowest.length > 1_000) keepSlowest(slowest);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (fault !== undefined) findings.push({ index, request, fault });
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  keepSlowest(slowest);
  return { sent, statuses, slowest, findings: findings.toSorted((a, b) => a.index - b.index) };
}

function keepSlowest(all: { label: string; ms: number }[]): void {
  all.sort((a, b) => b.ms - a.ms).splice(10);
}

interface Attempt {
  readonly status: string;
  readonly fault?: string | undefined;
}

async function attempt(lane: Lane, request: FuzzRequest): Promise<Attempt> {
  try {
    return await lane.exchange(request);
  } catch (error) {
    return { status: 'none', fault: error instanceof Error ? error.message : String(error) };
  }
}

/** Sends one request after the other, on the same connection where the node keeps it and the request allows it. */
class Lane {
  readonly #target: WireTarget;
  #kept: Wire | undefined;

  constructor(target: WireTarget) {
    this.#target = target;
  }

  async exchange(request: FuzzRequest): Promise<Attempt> {
    const { way, bytes } = request;
    const shared = way === 'whole' || way === 'pieces';
    const wire = shared ? await this.#shared() : await Wire.open(this.#target);
    try {
      await wire.send(bytes, way);
      return way === 'aborted' ? { status: 'aborted' } : await this.#judge(wire, request);
    } finally {
      if (!shared) wire.close();
    }
  }

  close(): void {
    this.#kept?.close();
  }

  async #judge(wire: Wire, request: FuzzRequest): Promise<Attempt> {
    let status = 'none';
    for (let left = request.answers ?? 1; left > 0; left -= 1) {
      const answer = await wire.answer(request.method);
      if (answer === undefined)
        return {
          status,
          fault: request.mayClose === true ? undefined : 'the connection was closed without an answer',
        };
      status = String(answer.status);
      if (answer.headers['connection'] === 'close' && wire === this.#kept) this.#drop();
      const fault = faultOf(request, answer, Date.now());
      if (fault !== undefined) return { status, fault };
    }
    return { status };
  }

  /** A connection that was used before and has nothing left over. */
  async #shared(): Promise<Wire> {
    if (this.#kept?.usable !== true) {
      this.#drop();
      this.#kept = await Wire.open(this.#target);
    }
    return this.#kept;
  }

  #drop(): void {
    this.#kept?.close();
    this.#kept = undefined;
  }
}
