import { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** Who takes the body of a request. */
export interface Taker {
  readonly take: (body: Buffer) => void;
  /** The rest of it will not come. */
  readonly gone: () => void;
}

const nothing = Buffer.alloc(0);

/**
 * A request whose body can be had in one piece, in the turn in which it is complete. A stream would hand on every piece
 * in turns of its own and tell its end in another one, which takes longer than to parse what most requests carry. Whoever
 * does not ask for that has the stream.
 */
export class WholeRequest extends IncomingMessage {
  static {
    const inStream = Reflect.getOwnPropertyDescriptor(Readable.prototype, 'readableEnded');
    // Its type says that it is a field, which no getter may override; in truth it is a getter.
    Object.defineProperty(this.prototype, 'readableEnded', {
      get(this: WholeRequest) {
        return this.#isWhole || (inStream?.get?.call(this) as boolean);
      },
    });
  }

  #taker: Taker | undefined;
  #hasBegun = false;
  #isWhole = false;
  #first: Buffer | undefined;
  #more: Buffer[] | undefined;

  /** Answers whether the body comes that way: it does not when some of it is in the stream already. */
  takeWhole(taker: Taker): boolean {
    if (this.#hasBegun) return false;
    this.#taker = taker;
    // Says that somebody reads: Node throws away what nobody does, which costs as much as to read it.
    this._read(0);
    return true;
  }

  /** Where Node puts what it has read; `null` is the end. */
  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    if (this.#taker === undefined) {
      this.#hasBegun = true;
      return super.push(chunk, encoding);
    }
    if (chunk === null) this.#handOver(this.#taker);
    else if (this.#first === undefined) this.#first = chunk;
    else (this.#more ??= [this.#first]).push(chunk);
    return true;
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#isWhole) this.#taker?.gone();
    super._destroy(error, done);
  }

  #handOver({ take }: Taker): void {
    this.#isWhole = true;
    const body = this.#more === undefined ? (this.#first ?? nothing) : Buffer.concat(this.#more);
    this.#first = undefined;
    this.#more = undefined;
    take(body);
  }
}
