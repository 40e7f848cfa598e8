import type { RegistryRecord } from '@artemis/core';
import { partBits, partSlots, SlotColumn } from './slot-column.js';

const firstBuckets = 1024;
const none = -1;
/** Keys for which the index is read at once: all that is read for them stays in the nearest cache. */
export const lookedUpAtOnce = 32;
/** For one key there is nothing to wait for at once. */
const noneLikely: readonly number[] = [];

/** Where things that are known of a record besides it are kept: by a small number that is its own while it is here. */
export interface Slots {
  /** The slot of the record under a key, -1 when there is none; looked for first where it is likely. */
  slotOf(key: string, likelySlot?: number): number;
  /**
   * Where to look first for each of these keys, of which there are best {@link lookedUpAtOnce}: may leave some out. What
   * the index and the records of a large table are read from is in no cache, and the processor waits for all of that at
   * once, instead of for each key anew.
   */
  likelySlotsOf(keys: readonly (string | undefined)[]): readonly (number | undefined)[];
  /** The record in a slot. */
  at(slot: number): RegistryRecord | undefined;
}

/**
 * Records by canonical key. Each has a slot, a small number, for as long as anything is held under its key; leases,
 * digest and services keep what they know of it in columns by slot, so that its key is in one index only.
 *
 * The index grows by one bucket with one key, so that no key ever waits for a million others to be moved, which is what
 * a `Map` of that size does now and then.
 *
 * Source: Litwin, "Linear Hashing: A new tool for file and table addressing", 1980.
 */
export class RecordTable implements Slots {
  readonly #seed: number;
  readonly #records: (RegistryRecord | undefined)[][] = [];
  readonly #hashes = new SlotColumn();
  /** By bucket: its first slot; by slot: the next one of its bucket, or the next free one. One more than it is, 0 for none. */
  readonly #first = new SlotColumn();
  readonly #next = new SlotColumn();
  /** Buckets before this round of splitting, a power of two, and how many of them have been split. */
  #buckets = firstBuckets;
  #split = 0;
  #size = 0;
  /** Slots that were ever used, and the first of those that are free. */
  #end = 0;
  #free = 0;
  /** A change of a record takes several steps, all of which look for it. */
  #latestKey: string | undefined;
  #latestSlot = none;
  #latestHash = 0;

  /** @param seed other keys share a bucket with each */
  constructor(seed = '') {
    this.#seed = mixed(0x811c9dc5, seed);
  }

  get size(): number {
    return this.#size;
  }

  /** @param likelySlot where to look first */
  get(key: string, likelySlot?: number): RegistryRecord | undefined {
    const slot = this.slotOf(key, likelySlot);
    return slot === none ? undefined : this.at(slot);
  }

  slotOf(key: string, likelySlot = none): number {
    if (key === this.#latestKey) return this.#latestSlot;
    if (this.at(likelySlot)?.key === key)
      return this.#remember(key, likelySlot, this.#hashes.get(likelySlot));
    const hash = mixed(this.#seed, key);
    let slot = this.#first.get(this.#bucketOf(hash)) - 1;
    while (slot !== none && (this.#hashes.get(slot) !== hash || this.at(slot)?.key !== key))
      slot = this.#next.get(slot) - 1;
    return this.#remember(key, slot, hash);
  }

  likelySlotsOf(keys: readonly (string | undefined)[]): readonly (number | undefined)[] {
    if (keys.length < 2) return noneLikely;
    // Step by step for all of them: the reads of a step do not depend on each other.
    const hashes = keys.map((key) => (key === undefined ? 0 : mixed(this.#seed, key)));
    const slots = hashes.map((hash) => this.#first.get(this.#bucketOf(hash)) - 1);
    for (let index = 0; index < slots.length; index += 1) {
      const hash = hashes[index] as number;
      let slot = slots[index] as number;
      while (slot !== none && this.#hashes.get(slot) !== hash) slot = this.#next.get(slot) - 1;
      slots[index] = slot;
    }
    // What is compared hardly matters: it brings the records and their keys near.
    return slots.map((slot, index) => (this.at(slot)?.key.length === keys[index]?.length ? slot : none));
  }

  at(slot: number): RegistryRecord | undefined {
    return slot === none ? undefined : this.#records[slot >>> partBits]?.[slot & (partSlots - 1)];
  }

  /** Puts a record in the place of what is held under its key. @returns its slot */
  set(record: RegistryRecord): number {
    const held = this.slotOf(record.key);
    const slot = held === none ? this.#add() : held;
    let part = this.#records[slot >>> partBits];
    if (part === undefined) {
      part = new Array<undefined>(partSlots).fill(undefined);
      this.#records.push(part);
    }
    part[slot & (partSlots - 1)] = record;
    return slot;
  }

  /** Whoever keeps anything by the slot of the record must have cleared it: another one gets the slot. */
  delete(key: string): void {
    const slot = this.slotOf(key);
    const part = this.#records[slot >>> partBits];
    if (slot === none || part === undefined) return;
    this.#unlink(slot);
    part[slot & (partSlots - 1)] = undefined;
    this.#next.set(slot, this.#free);
    this.#free = slot + 1;
    this.#size -= 1;
    this.#latestKey = undefined;
  }

  /** In no order that means anything. */
  *keys(): IterableIterator<string> {
    for (const part of this.#records) for (const record of part) if (record !== undefined) yield record.key;
  }

  #remember(key: string, slot: number, hash: number): number {
    this.#latestKey = key;
    this.#latestSlot = slot;
    this.#latestHash = hash;
    return slot;
  }

  /** A slot for the key that was looked for last. */
  #add(): number {
    const slot = this.#free === 0 ? this.#end : this.#free - 1;
    if (this.#free === 0) this.#end += 1;
    else this.#free = this.#next.get(slot);
    this.#hashes.set(slot, this.#latestHash);
    this.#link(slot, this.#bucketOf(this.#latestHash));
    this.#size += 1;
    this.#latestSlot = slot;
    if (this.#size > this.#buckets + this.#split) this.#splitNext();
    return slot;
  }

  #bucketOf(hash: number): number {
    const bucket = hash & (this.#buckets - 1);
    return bucket < this.#split ? hash & (2 * this.#buckets - 1) : bucket;
  }

  #link(slot: number, bucket: number): void {
    this.#next.set(slot, this.#first.get(bucket));
    this.#first.set(bucket, slot + 1);
  }

  #unlink(slot: number): void {
    const bucket = this.#bucketOf(this.#hashes.get(slot));
    const after = this.#next.get(slot);
    let before = this.#first.get(bucket) - 1;
    if (before === slot) {
      this.#first.set(bucket, after);
      return;
    }
    while (this.#next.get(before) - 1 !== slot) before = this.#next.get(before) - 1;
    this.#next.set(before, after);
  }

  /** Moves about half of the next bucket into a new one at the end. */
  #splitNext(): void {
    const from = this.#split;
    const wide = 2 * this.#buckets - 1;
    let slot = this.#first.get(from) - 1;
    this.#first.set(from, 0);
    while (slot !== none) {
      const following = this.#next.get(slot) - 1;
      this.#link(slot, this.#hashes.get(slot) & wide);
      slot = following;
    }
    this.#split += 1;
    if (this.#split < this.#buckets) return;
    this.#buckets *= 2;
    this.#split = 0;
  }
}

/** FNV-1a with the last step of MurmurHash3. */
function mixed(seed: number, text: string): number {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
