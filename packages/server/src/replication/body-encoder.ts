import { JsonPieces, type JsonBody } from '@artemis/core';
import { pack, packApart } from './packing.js';

/** A body as it leaves, and the headers that tell of it. */
export interface EncodedBody {
  readonly headers: Readonly<Record<string, string>>;
  readonly data?: Buffer;
}

const noBody: EncodedBody = { headers: {} };
const plainHeaders = { 'content-type': 'application/json' };
const packedHeaders = { ...plainHeaders, 'content-encoding': 'gzip' };

/** Bytes of a body after which the memory for it is kept for the next one. */
const mostKept = 1024 * 1024;

/** Makes bytes of the bodies of calls; what goes to several peers, and is packed, only once. */
export class BodyEncoder {
  readonly #compressMinBytes: number;
  readonly #packed = new WeakMap<object, EncodedBody | Promise<EncodedBody>>();
  /** What bodies are written with, unless what it wrote is being packed. */
  #pieces: JsonPieces | undefined;

  /** @param compressMinBytes bodies of more bytes than this are packed */
  constructor(compressMinBytes: number) {
    this.#compressMinBytes = compressMinBytes;
  }

  encode(body: unknown): EncodedBody | Promise<EncodedBody> {
    if (body === undefined) return noBody;
    const known = this.#packed.get(body as object);
    if (known !== undefined) return known;
    if (isJsonBody(body)) return this.#write(body);
    const bytes = Buffer.from(JSON.stringify(body));
    if (bytes.length <= this.#compressMinBytes) return { headers: plainHeaders, data: bytes };
    return this.#keep(body, packApart(bytes));
  }

  #write(body: JsonBody): EncodedBody | Promise<EncodedBody> {
    const pieces = this.#pieces ?? new JsonPieces();
    this.#pieces = undefined;
    body.writeJson(pieces);
    const bytes = pieces.take();
    const free = () => {
      if (bytes.length <= mostKept) this.#pieces = pieces;
    };
    if (bytes.length <= this.#compressMinBytes) {
      const data = Buffer.from(bytes);
      free();
      return { headers: plainHeaders, data };
    }
    const packed = pack(bytes);
    if ('then' in packed) void packed.then(free, free);
    else free();
    return this.#keep(body, packed);
  }

  #keep(body: unknown, packed: Buffer | Promise<Buffer>): EncodedBody | Promise<EncodedBody> {
    const encoded = 'then' in packed ? packed.then(encodedAs) : encodedAs(packed);
    if (typeof body === 'object' && body !== null) this.#packed.set(body, encoded);
    return encoded;
  }
}

function isJsonBody(body: unknown): body is JsonBody {
  return typeof body === 'object' && body !== null && 'writeJson' in body;
}

function encodedAs(data: Buffer): EncodedBody {
  return { headers: packedHeaders, data };
}
