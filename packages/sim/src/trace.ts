import { createHash } from 'node:crypto';

/** Everything that happened, in order: as a hash that two runs of one seed share, and the latest lines to read. */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #lines: string[] = [];
  readonly #limit: number;
  readonly #print: ((line: string) => void) | undefined;

  /** @param limit lines that are kept */
  constructor(limit: number, print?: (line: string) => void) {
    this.#limit = limit;
    this.#print = print;
  }

  add(line: string): void {
    this.#hash.update(line).update('\n');
    this.#print?.(line);
    this.#lines.push(line);
    if (this.#lines.length > this.#limit * 2) this.#lines.splice(0, this.#lines.length - this.#limit);
  }

  /** The latest lines, of those that hold the text as a word if one is given. */
  about(word: string | undefined, most: number): string[] {
    const isAbout = (line: string): boolean => word === undefined || `${line} `.includes(` ${word} `);
    return this.#lines.filter(isAbout).slice(-most);
  }

  /** Hash of all lines so far. */
  get hash(): string {
    return this.#hash.copy().digest('hex').slice(0, 16);
  }
}
