import type { InstanceKey, RegistryRecord } from '@artemis/core';

/** Keys in one request. */
const batchKeys = 1000;

interface LeaseAskerOptions<Peer> {
  /** Whom calls reach now. */
  readonly peers: () => readonly Peer[];
  /** Asks one peer for the ages that it knows, and takes them in. Rejects when there is no answer. */
  readonly ask: (peer: Peer, keys: readonly InstanceKey[]) => Promise<void>;
  /** Called for each request. */
  readonly asking?: (keys: number) => void;
}

type Batch = readonly RegistryRecord[];

/**
 * Asks all peers that can be reached how old leases are, before this node judges them. Keys are collected in a turn and
 * asked for together, one request at a time to each peer.
 */
export class LeaseAsker<Peer> {
  readonly #options: LeaseAskerOptions<Peer>;
  /** By key: how many peers have yet to answer. */
  readonly #pending = new Map<string, number>();
  /** Batches that wait for the one under way. */
  readonly #lanes = new Map<Peer, Batch[]>();
  #collected: RegistryRecord[] = [];

  constructor(options: LeaseAskerOptions<Peer>) {
    this.#options = options;
  }

  /** The record is asked for with the next {@link LeaseAsker.send}, unless an answer is still awaited. */
  add(record: RegistryRecord): void {
    if (this.#pending.has(record.key)) return;
    this.#pending.set(record.key, 0);
    this.#collected.push(record);
  }

  /** Whether not all peers have answered or failed. */
  isPending(key: string): boolean {
    return this.#pending.has(key);
  }

  /** Sends what was added. Where there is nobody to ask, that is the answer. */
  send(): void {
    const records = this.#collected;
    if (records.length === 0) return;
    this.#collected = [];
    const peers = this.#options.peers();
    for (const { key } of records) {
      if (peers.length === 0) this.#pending.delete(key);
      else this.#pending.set(key, peers.length);
    }
    for (const peer of peers) {
      const lane = this.#lanes.get(peer);
      const batches = cut(records);
      if (lane !== undefined) lane.push(...batches);
      else void this.#work(peer, batches);
    }
  }

  /** Never rejects. A peer that does not answer is not asked for what waits behind. */
  async #work(peer: Peer, lane: Batch[]): Promise<void> {
    this.#lanes.set(peer, lane);
    for (let batch = lane.shift(); batch !== undefined; batch = lane.shift()) {
      try {
        this.#options.asking?.(batch.length);
        await this.#options.ask(
          peer,
          batch.map(({ instanceKey }) => instanceKey),
        );
      } catch {
        for (const left of lane.splice(0)) this.#answered(left);
      }
      this.#answered(batch);
    }
    this.#lanes.delete(peer);
  }

  #answered(batch: Batch): void {
    for (const { key } of batch) {
      const left = (this.#pending.get(key) ?? 1) - 1;
      if (left > 0) this.#pending.set(key, left);
      else this.#pending.delete(key);
    }
  }
}

function cut(records: readonly RegistryRecord[]): Batch[] {
  const batches: Batch[] = [];
  for (let from = 0; from < records.length; from += batchKeys) {
    batches.push(records.slice(from, from + batchKeys));
  }
  return batches;
}
