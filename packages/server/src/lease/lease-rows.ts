import { partBits, partSlots } from '../registry/slot-column.js';

/** Three times of eight bytes each. */
const times = 3;
/** The same bytes as whole numbers: after the times follow two of those. */
const words = 8;
const rowTimes = words / 2;

export const time = { renewed: 0, termFrom: 1, clientRenewed: 2 } as const;
const wheelWord = 2 * times;
const flagsWord = wheelWord + 1;

/** A row without it holds no lease, and nothing in it means anything. */
export const held = 1;
/** This node owns the record. */
export const own = 2;
/** News of the lease are told. */
export const watched = 4;

interface Part {
  readonly times: Float64Array;
  readonly words: Int32Array;
}

/**
 * What a node knows of its leases, by the slot of their records: 32 bytes for each, side by side, since a renewal needs
 * all of them. As objects they would take five times as much, which the garbage collector would have to look through.
 */
export class LeaseRows {
  readonly #parts: Part[] = [];
  /** When peers were last asked for the age. Hardly ever anybody is, so that most parts of it are never made. */
  readonly #asked: (Float64Array | undefined)[] = [];

  /** Whether the row has one of these flags. */
  has(slot: number, flag: number): boolean {
    const part = this.#parts[slot >>> partBits];
    return part !== undefined && ((part.words[at(slot, words) + flagsWord] as number) & flag) !== 0;
  }

  mark(slot: number, flag: number, on: boolean): void {
    const part = this.#part(slot);
    const index = at(slot, words) + flagsWord;
    part.words[index] = on ? (part.words[index] as number) | flag : (part.words[index] as number) & ~flag;
  }

  /** Begins a lease. */
  begin(slot: number, termFromMs: number): void {
    const part = this.#part(slot);
    const index = at(slot, rowTimes);
    part.times[index + time.renewed] = -Infinity;
    part.times[index + time.termFrom] = termFromMs;
    part.times[index + time.clientRenewed] = NaN;
    part.words[at(slot, words) + wheelWord] = 0;
    part.words[at(slot, words) + flagsWord] = held;
    const asked = this.#asked[slot >>> partBits];
    if (asked !== undefined) asked[at(slot, 1)] = NaN;
  }

  clear(slot: number): void {
    this.#part(slot).words[at(slot, words) + flagsWord] = 0;
  }

  time(slot: number, which: number): number {
    return this.#part(slot).times[at(slot, rowTimes) + which] as number;
  }

  setTime(slot: number, which: number, ms: number): void {
    this.#part(slot).times[at(slot, rowTimes) + which] = ms;
  }

  /** The slot of the wheel in which the lease is planned; 0 when it is in none. */
  planned(slot: number): number {
    return this.#part(slot).words[at(slot, words) + wheelWord] as number;
  }

  plan(slot: number, wheelSlot: number): void {
    this.#part(slot).words[at(slot, words) + wheelWord] = wheelSlot;
  }

  /** Lease time; `undefined` when nobody was since the lease began. */
  askedAt(slot: number): number | undefined {
    const ms = this.#asked[slot >>> partBits]?.[at(slot, 1)];
    return ms === undefined || Number.isNaN(ms) ? undefined : ms;
  }

  setAskedAt(slot: number, ms: number): void {
    const part = (this.#asked[slot >>> partBits] ??= new Float64Array(partSlots).fill(NaN));
    part[at(slot, 1)] = ms;
  }

  /** Slots that were ever used are below this. */
  get end(): number {
    return this.#parts.length * partSlots;
  }

  #part(slot: number): Part {
    let part = this.#parts[slot >>> partBits];
    while (part === undefined) {
      const bytes = new ArrayBuffer(partSlots * words * Int32Array.BYTES_PER_ELEMENT);
      this.#parts.push({ times: new Float64Array(bytes), words: new Int32Array(bytes) });
      part = this.#parts[slot >>> partBits];
    }
    return part;
  }
}

function at(slot: number, width: number): number {
  return (slot & (partSlots - 1)) * width;
}
