import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { compressionMinBytes } from './compress.js';

/** A body that is encoded once, and sent many times. */
export interface EncodedBody {
  readonly plain: Uint8Array;
  /** Compressed when it is first asked for, in another thread. */
  gzip(): Uint8Array | Promise<Uint8Array>;
}

const gzipAsync = promisify(gzip);

/** Bytes that are kept as long as they are true. */
export class KeptBytes implements EncodedBody {
  readonly plain: Uint8Array;
  #gzip: Uint8Array | Promise<Uint8Array> | undefined;

  constructor(plain: Uint8Array) {
    this.plain = plain;
  }

  gzip(): Uint8Array | Promise<Uint8Array> {
    this.#gzip ??= this.#pack();
    return this.#gzip;
  }

  /** What failed once is tried again by the next who asks. */
  async #pack(): Promise<Uint8Array> {
    try {
      this.#gzip = await gzipAsync(this.plain);
      return this.#gzip;
    } catch (error) {
      this.#gzip = undefined;
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
