import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { compressionMinBytes } from './compress.js';

/** A body that is encoded once, and sent many times. */
export interface EncodedBody {
  readonly plain: Uint8Array;
  /** The same compressed, once it is. */
  readonly packed: Uint8Array | undefined;
  /** Compresses it, in another thread and once for all who ask. */
  pack(): Promise<Uint8Array>;
}

const gzipAsync = promisify(gzip);

/** Bytes that are kept as long as they are true. */
export class KeptBytes implements EncodedBody {
  readonly plain: Uint8Array;
  packed: Uint8Array | undefined;
  #packing: Promise<Uint8Array> | undefined;

  constructor(plain: Uint8Array) {
    this.plain = plain;
  }

  pack(): Promise<Uint8Array> {
    this.#packing ??= this.#pack();
    return this.#packing;
  }

  /** What failed once is tried again by the next who asks. */
  async #pack(): Promise<Uint8Array> {
    try {
      this.packed = await gzipAsync(this.plain);
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
