import { hash } from 'node:crypto';
import type { Change, RegistryRecord, Version } from '@artemis/core';
import type { Slots } from '../registry/record-table.js';
import { SlotColumn } from '../registry/slot-column.js';

/** Children of each bucket; a path names a bucket by one hex digit for each level. */
const fanOut = 16;
/** Levels below the root. */
const depth = 4;
const leafCount = fanOut ** depth;
const hashDigits = 16;
const hashBytes = hashDigits / 2;
/** Links between the slots of a leaf are told from 0, which is no link, and from the end. */
const last = 1;
const shift = 2;

interface Level {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
}

/** The hash of a whole table, and of each bucket of it. */
interface LeafHash {
  readonly leaf: number;
  readonly high: number;
  readonly low: number;
}

/**
 * The digest of the live table: a tree of buckets over the hash of the key. A leaf is the XOR of the hashes of its keys
 * and versions, every other bucket the XOR of its children, so that a change costs the same whatever the table holds,
 * and the order of changes leaves no trace. Two nodes with equal roots hold the same live records.
 *
 * Tombstones are left out: nodes drop them at different times, and would hand them back to each other for ever.
 */
export class TableDigest {
  readonly #slots: Slots;
  readonly #levels: readonly Level[] = Array.from({ length: depth + 1 }, (_, level) => ({
    high: new Uint32Array(fanOut ** level),
    low: new Uint32Array(fanOut ** level),
  }));
  /** The first slot of each leaf, two more than it is; `last` where there is none. */
  readonly #first = new Int32Array(leafCount).fill(last);
  /** By slot: the next one of its leaf, in the same way; 0 for those that are in none. */
  readonly #next = new SlotColumn();
  readonly #excluded = new Set<string>();
  /** Of the children of one bucket, while they are put into words: a digit at a time takes four times as long. */
  readonly #hashes = Buffer.alloc(fanOut * hashBytes);
  #count = 0;

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  /** Listener of the change log. */
  onChange({ record, previous, origin }: Change): void {
    if (origin === 'view' || this.#excluded.has(record.key)) return;
    if (previous?.state === 'alive') this.#remove(previous);
    if (record.state === 'alive') this.#add(record);
  }

  /** Leaves a key out, whatever becomes of it: this node does not vouch for what it holds there. */
  exclude(key: string): void {
    if (this.#excluded.has(key)) return;
    const record = this.#slots.at(this.#slots.slotOf(key));
    if (record?.state === 'alive') this.#remove(record);
    this.#excluded.add(key);
  }

  include(key: string): void {
    if (!this.#excluded.delete(key)) return;
    const record = this.#slots.at(this.#slots.slotOf(key));
    if (record?.state === 'alive') this.#add(record);
  }

  /** Whether a key is left out. */
  excludes(key: string): boolean {
    return this.#excluded.has(key);
  }

  /** Of the whole table, 16 hex digits. */
  get root(): string {
    const [{ high, low }] = this.#levels as [Level];
    return hex32(high[0] as number) + hex32(low[0] as number);
  }

  /** Live records that are covered. */
  get count(): number {
    return this.#count;
  }

  /** @returns the hashes of the 16 children of a bucket above the leaves, one after the other */
  childrenOf(path: string): string {
    const { high, low } = this.#levels[path.length + 1] as Level;
    const first = (Number.parseInt(path, 16) || 0) * fanOut;
    for (let child = 0; child < fanOut; child += 1) {
      this.#hashes.writeUInt32BE(high[first + child] as number, child * hashBytes);
      this.#hashes.writeUInt32BE(low[first + child] as number, child * hashBytes + hashBytes / 2);
    }
    return this.#hashes.toString('hex');
  }

  /** The digits of the children of a bucket whose hashes are not those in `theirs`, which is of the same form. */
  differing(path: string, theirs: string): string {
    const ours = this.childrenOf(path);
    let digits = '';
    for (let child = 0; child < fanOut; child += 1) {
      const from = child * hashDigits;
      if (ours.slice(from, from + hashDigits) !== theirs.slice(from, from + hashDigits)) {
        digits += child.toString(fanOut);
      }
    }
    return digits;
  }

  /** The slots of live records by leaf: 0 to {@link TableDigest.leaves} - 1. */
  slotsOf(leaf: number): number[] {
    const slots: number[] = [];
    for (let link = this.#first[leaf] as number; link !== last; link = this.#next.get(link - shift))
      slots.push(link - shift);
    return slots;
  }

  /** The keys of the same records. */
  keysOf(leaf: number): string[] {
    return this.slotsOf(leaf).map((slot) => this.#slots.at(slot)?.key ?? '');
  }

  static readonly leaves = leafCount;
  /** Digits in the path of a bucket whose children are leaves. */
  static readonly parentDigits = depth - 1;

  #add(record: RegistryRecord): void {
    const { leaf } = this.#toggle(record);
    this.#count += 1;
    const slot = this.#slots.slotOf(record.key);
    if (this.#next.get(slot) !== 0) return;
    this.#next.set(slot, this.#first[leaf] as number);
    this.#first[leaf] = slot + shift;
  }

  #remove(record: RegistryRecord): void {
    const { leaf } = this.#toggle(record);
    this.#count -= 1;
    const slot = this.#slots.slotOf(record.key);
    const after = this.#next.get(slot);
    if (after === 0) return;
    this.#next.set(slot, 0);
    let before = this.#first[leaf] as number;
    if (before === slot + shift) {
      this.#first[leaf] = after;
      return;
    }
    while (before > last && this.#next.get(before - shift) !== slot + shift)
      before = this.#next.get(before - shift);
    if (before > last) this.#next.set(before - shift, after);
  }

  /** What is put in by an XOR is taken out by the same one. */
  #toggle(record: RegistryRecord): LeafHash {
    const hashed = leafHashOf(record.key, record.version);
    let index = hashed.leaf;
    for (let level = depth; level >= 0; level -= 1) {
      const { high, low } = this.#levels[level] as Level;
      high[index] = (high[index] as number) ^ hashed.high;
      low[index] = (low[index] as number) ^ hashed.low;
      index >>>= 4;
    }
    return hashed;
  }
}

/**
 * The leaf of a key: the same on every node. Only spreads keys over leaves, as evenly as chance would (FNV-1a with the
 * last step of MurmurHash3).
 */
export function leafOf(key: string): number {
  let mixed = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1)
    mixed = Math.imul(mixed ^ key.charCodeAt(index), 0x01000193);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) & (leafCount - 1);
}

function leafHashOf(key: string, { stamp, origin, round, owner }: Version): LeafHash {
  // Its bytes, one for each character.
  const content = hash('sha1', `${key}\n${stamp}\n${origin}\n${round}\n${owner}`, 'binary');
  return { leaf: leafOf(key), high: wordAt(content, 0), low: wordAt(content, 4) };
}

function wordAt(bytes: string, at: number): number {
  return (
    (bytes.charCodeAt(at) << 24) |
    (bytes.charCodeAt(at + 1) << 16) |
    (bytes.charCodeAt(at + 2) << 8) |
    bytes.charCodeAt(at + 3)
  );
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}
