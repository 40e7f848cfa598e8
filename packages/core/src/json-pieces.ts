/** Bytes that are made in one turn: a small fraction of a millisecond. */
const perTurn = 8192;
/** What an item costs besides, in bytes: looking for it, even when there is nothing in it. */
const perItem = 100;

const quote = 0x22;
/** By code: 1 for what stands in a string of JSON as it is, and is one byte. To look it up is faster than to compare. */
const plain = Uint8Array.from({ length: 0x80 }, (_, code) =>
  Number(code >= 0x20 && code !== quote && code !== 0x5c),
);
const zero = 0x30;
/** Digits of a large integer are written in two parts, each of which the processor takes as a whole number. */
const lowPart = 100_000_000;
const largestSmall = 0x3fff_ffff;
const encoder = new TextEncoder();

/**
 * JSON as UTF-8, made in pieces, each of them the work of one turn: a long answer must not hold up the others. It is
 * written into memory that is used again for the next piece. No object and no string is made for it, since everything
 * would wait for the garbage collector.
 */
export class JsonPieces {
  #bytes = new Uint8Array(2 * perTurn);
  #used = 0;
  #items = 0;

  /** Bytes in the piece so far. */
  get length(): number {
    return this.#used;
  }

  /** An item is written, or was left out. */
  endItem(): void {
    this.#items += 1;
  }

  /** Whether the piece is to be taken, and the turn to end. */
  get isFull(): boolean {
    return this.#used + this.#items * perItem >= perTurn;
  }

  /** What was written since the last piece, until anything else is. */
  take(): Uint8Array {
    const piece = this.#bytes.subarray(0, this.#used);
    this.#used = 0;
    this.#items = 0;
    return piece;
  }

  /** @param json JSON already, of ASCII characters only */
  raw(json: string): void {
    const { length } = json;
    const bytes = this.#room(length);
    const from = this.#used;
    for (let at = 0; at < length; at += 1) bytes[from + at] = json.charCodeAt(at);
    this.#used = from + length;
  }

  /** Plain data, to the byte as `JSON.stringify` writes it. */
  value(value: unknown): void {
    if (typeof value === 'string') this.part(value, 0, value.length);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value !== 'object' || value === null)
      this.raw(typeof value === 'boolean' ? String(value) : 'null');
    else if (Array.isArray(value)) this.#array(value);
    else {
      this.raw('{');
      this.fields(value);
      this.raw('}');
    }
  }

  /** The fields of an object, without its braces. @param separator what stands before the first one */
  fields(object: object, separator = ''): void {
    let before = separator;
    for (const name in object) {
      const value = (object as Readonly<Record<string, unknown>>)[name];
      if (value === undefined) continue;
      this.raw(before);
      this.part(name, 0, name.length);
      this.raw(':');
      this.value(value);
      before = ',';
    }
  }

  #array(values: readonly unknown[]): void {
    this.raw('[');
    for (let at = 0; at < values.length; at += 1) {
      if (at > 0) this.raw(',');
      this.value(values[at]);
    }
    this.raw(']');
  }

  /** The part of a text from one place to before another one, as a string. */
  part(text: string, from: number, end: number): void {
    const bytes = this.#room(end - from + 2);
    let used = this.#used;
    bytes[used++] = quote;
    for (let at = from; at < end; at += 1) {
      const code = text.charCodeAt(at);
      if (code >= plain.length || plain[code] !== 1) {
        this.#add(encoder.encode(JSON.stringify(text.slice(from, end))));
        return;
      }
      bytes[used++] = code;
    }
    bytes[used++] = quote;
    this.#used = used;
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) this.raw(Number.isFinite(value) ? String(value) : 'null');
    else if (value <= largestSmall) this.#digits(value, 1);
    else {
      const high = Math.floor(value / lowPart);
      this.#digits(high, 1);
      this.#digits(value - high * lowPart, 8);
    }
  }

  /** Decimal digits, with zeros before them where there are fewer than so many. */
  #digits(value: number, least: number): void {
    let count = least;
    for (let bound = 10 ** least; value >= bound; bound *= 10) count += 1;
    const bytes = this.#room(count);
    let rest = value | 0;
    for (let at = this.#used + count - 1; at >= this.#used; at -= 1) {
      const tenth = (rest / 10) | 0;
      bytes[at] = zero + rest - tenth * 10;
      rest = tenth;
    }
    this.#used += count;
  }

  #add(added: Uint8Array): void {
    this.#room(added.length).set(added, this.#used);
    this.#used += added.length;
  }

  /** The memory to write into, with room for so many bytes more. */
  #room(more: number): Uint8Array {
    if (this.#used + more > this.#bytes.length) {
      const larger = new Uint8Array(2 * (this.#used + more));
      larger.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = larger;
    }
    return this.#bytes;
  }
}
