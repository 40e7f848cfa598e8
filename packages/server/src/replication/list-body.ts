import type { JsonBody } from '@artemis/core';
import { JsonPieces } from '@artemis/core';

/** The body of a request that carries one list. */
export class ListBody<Item> implements JsonBody {
  readonly #field: string;
  readonly #items: readonly Item[];
  readonly #write: (pieces: JsonPieces, item: Item) => void;

  /** @param write writes the JSON of one item */
  constructor(field: string, items: readonly Item[], write: (pieces: JsonPieces, item: Item) => void) {
    this.#field = field;
    this.#items = items;
    this.#write = write;
  }

  writeJson(pieces: JsonPieces): void {
    pieces.raw(`{"${this.#field}":[`);
    for (let index = 0; index < this.#items.length; index += 1) {
      if (index > 0) pieces.raw(',');
      this.#write(pieces, this.#items[index] as Item);
    }
    pieces.raw(']}');
  }

  toJSON(): unknown {
    const pieces = new JsonPieces();
    this.writeJson(pieces);
    return JSON.parse(new TextDecoder().decode(pieces.take()));
  }
}
