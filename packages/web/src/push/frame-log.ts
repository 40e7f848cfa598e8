import { textFrame } from './frame.js';
import type { ChangeRun } from './change-texts.js';

/** One `service_change`, encoded when the first session is sent it. */
export class ChangeFrame {
  readonly key: string;
  /** Number of changes in it. */
  readonly size: number;
  readonly lastRevision: number;
  #encode: (() => string) | undefined;
  #bytes: Buffer | undefined;

  constructor({ key, changes }: ChangeRun, encode: () => string) {
    this.key = key;
    this.size = changes.length;
    this.lastRevision = changes.at(-1)?.revision ?? 0;
    this.#encode = encode;
  }

  get bytes(): Buffer {
    if (this.#bytes === undefined) {
      this.#bytes = textFrame(this.#encode?.() ?? '');
      // The changes are needed no more.
      this.#encode = undefined;
    }
    return this.#bytes;
  }

  /** Bytes that it holds now. */
  get heldBytes(): number {
    return this.#bytes?.length ?? 0;
  }
}

export interface FrameLogLimits {
  readonly changes: number;
  readonly bytes: number;
}

/** What all slow sessions together may make a node hold. */
const defaultLimits: FrameLogLimits = { changes: 10_000, bytes: 33_554_432 };

/**
 * The latest frames, numbered. It is the queue of every slow session: a session knows only how far it has come, so that
 * a thousand of them hold no more than one does.
 */
export class FrameLog {
  readonly #limits: FrameLogLimits;
  #frames: ChangeFrame[] = [];
  #first = 0;
  #changes = 0;

  constructor(limits: FrameLogLimits = defaultLimits) {
    this.#limits = limits;
  }

  /** Number of the next frame. */
  get next(): number {
    return this.#first + this.#frames.length;
  }

  /** Number of the oldest frame that is held. */
  get first(): number {
    return this.#first;
  }

  push(frame: ChangeFrame): void {
    this.#frames.push(frame);
    this.#changes += frame.size;
  }

  /** The frame of a number; `undefined` when it is to come, or is held no more. */
  get(number: number): ChangeFrame | undefined {
    return this.#frames[number - this.#first];
  }

  /** Nobody is behind. */
  clear(): void {
    this.#drop(this.#frames.length);
  }

  /** Lets the oldest go until the rest is within the limits. */
  trim(): void {
    let bytes = this.#frames.reduce((sum, frame) => sum + frame.heldBytes, 0);
    let changes = this.#changes;
    let drop = 0;
    for (const frame of this.#frames) {
      if (changes <= this.#limits.changes && bytes <= this.#limits.bytes) break;
      changes -= frame.size;
      bytes -= frame.heldBytes;
      drop += 1;
    }
    this.#drop(drop);
  }

  #drop(count: number): void {
    if (count === 0) return;
    this.#first += count;
    const dropped = this.#frames.splice(0, count);
    for (const { size } of dropped) this.#changes -= size;
  }
}
