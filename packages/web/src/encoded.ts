import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { compressionMinBytes } from './compress.js';

/**
 * Bytes of a body: where they are few, as a text with a character for each (latin1), since a text leaves in one piece
 * with the head of its answer.
 */
export type Bytes = string | Uint8Array;

/** Node copies what it writes to its stack, and this much fits there together with a head; the rest would be copied twice. */
const longestText = 14 * 1024;

function bytesOf(bytes: Buffer): Bytes {
  return bytes.length > longestText ? bytes : bytes.toString('latin1');
}

/** A text in UTF-8: most have a byte for each character, and are what they shall become. */
export function bytesOfText(text: string): Bytes {
  const isAscii = text.length <= longestText && Buffer.byteLength(text) === text.length;
  return isAscii ? text : bytesOf(Buffer.from(text));
}

export function bufferOf(bytes: Bytes): Uint8Array {
  return typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
}

/** A body that is encoded once, and sent many times. */
export interface EncodedBody {
  readonly plain: Bytes;
  /** The same compressed, once it is. */
  readonly packed: Bytes | undefined;
  /** Compresses it, in another thread and once for all who ask. */
  pack(): Promise<Bytes>;
}

const gzipAsync = promisify(gzip);

/** Bytes that are kept as long as they are true. */
export class KeptBytes implements EncodedBody {
  readonly plain: Bytes;
  packed: Bytes | undefined;
  #packing: Promise<Bytes> | undefined;

  constructor(text: string) {
    this.plain = bytesOfText(text);
  }

  pack(): Promise<Bytes> {
    this.#packing ??= this.#pack();
    return this.#packing;
  }

  /** What failed once is tried again by the next who asks. */
  async #pack(): Promise<Bytes> {
    try {
      this.packed = bytesOf(await gzipAsync(bufferOf(this.plain)));
      return this.packed;
    } catch (error) {
      this.#packing = undefined;
      throw error;
    }
  }
}

/** A list that names gzip and has no weights. With weights, which say what is liked better, the middleware decides. */
const plainlyGzip = /^(?:[\w*-]+ *, *)*gzip(?: *, *[\w*-]+)*$/i;

/** Which of the prepared bytes go to a caller that sent this `Accept-Encoding`. */
export function accepted(header: string | string[] | undefined, { plain }: EncodedBody): 'gzip' | 'plain' {
  if (typeof header !== 'string' || plain.length < compressionMinBytes) return 'plain';
  return header === 'gzip' || plainlyGzip.test(header) ? 'gzip' : 'plain';
}
