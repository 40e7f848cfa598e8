/** Finds the line on which each key of a TOML text stands: the parser tells values, not places. */

/** A path through the document: names of tables and keys, numbers of list items. */
export type TomlPath = readonly (string | number)[];

/** Answers the line of a path, counted from 1; `undefined` when it is not in the text. */
export type Locator = (path: TomlPath) => number | undefined;

/** @param text TOML that has been parsed without an error; for another text the answers mean nothing */
export function locate(text: string): Locator {
  const scanner = new Scanner(text);
  scanner.document();
  return (path) => scanner.lines.get(JSON.stringify(path));
}

class Scanner {
  readonly lines = new Map<string, number>();
  private position = 0;
  private line = 1;

  constructor(private readonly text: string) {}

  document(): void {
    let table: TomlPath = [];
    for (this.blanks(); !this.atEnd(); this.blanks()) {
      if (this.skip('[')) {
        this.skip('[');
        table = this.name([]);
        this.skip(']');
        this.skip(']');
      } else {
        this.pair(table);
      }
    }
  }

  /** `name = value`, which may run over several lines. */
  private pair(table: TomlPath): void {
    const path = this.name(table);
    this.skip('=');
    this.blanks();
    this.value(path);
  }

  /** A name with its dots, noted with all the tables that it opens. The first place of a path counts. */
  private name(table: TomlPath): TomlPath {
    let path = table;
    do {
      this.blanks();
      path = [...path, this.word()];
      this.note(path);
      this.blanks();
    } while (this.skip('.'));
    return path;
  }

  private word(): string {
    if (this.peek() === '"' || this.peek() === "'") return this.quoted();
    return this.take(/[A-Za-z0-9_-]*/y);
  }

  private value(path: TomlPath): void {
    const first = this.peek();
    if (first === '"' || first === "'") this.quoted();
    else if (first === '[') this.items(path);
    else if (first === '{') this.inlineTable(path);
    else this.take(/[^][^,\]}#\r\n]*/y);
  }

  private items(path: TomlPath): void {
    this.skip('[');
    let index = 0;
    for (this.blanks(); !this.atEnd() && !this.skip(']'); this.blanks()) {
      const item = [...path, index++];
      this.note(item);
      this.value(item);
      this.blanks();
      this.skip(',');
    }
  }

  private inlineTable(path: TomlPath): void {
    this.skip('{');
    for (this.blanks(); !this.atEnd() && !this.skip('}'); this.blanks()) {
      this.pair(path);
      this.blanks();
      this.skip(',');
    }
  }

  private quoted(): string {
    const multiline = this.take(/"""(?:[^"\\]|\\[^]|"(?!""))*"{3,5}|'''(?:[^']|'(?!''))*'{3,5}/y);
    if (multiline !== '') return multiline;
    const literal = this.take(/'[^'\n]*'/y);
    if (literal !== '') return literal.slice(1, -1);
    return unescaped(this.take(/"(?:[^"\\\n]|\\.)*"|[^]/y).slice(1, -1));
  }

  /** White space, line ends and comments. */
  private blanks(): void {
    this.take(/(?:\s|#[^\n]*)*/y);
  }

  private note(path: TomlPath): void {
    const key = JSON.stringify(path);
    if (!this.lines.has(key)) this.lines.set(key, this.line);
  }

  private peek(): string | undefined {
    return this.text[this.position];
  }

  private atEnd(): boolean {
    return this.position >= this.text.length;
  }

  private skip(character: string): boolean {
    if (this.peek() !== character) return false;
    this.position += 1;
    return true;
  }

  /** Moves over what the sticky pattern matches here, counting lines. */
  private take(pattern: RegExp): string {
    pattern.lastIndex = this.position;
    const [matched = ''] = pattern.exec(this.text) ?? [];
    this.position += matched.length;
    this.line += matched.split('\n').length - 1;
    return matched;
  }
}

const escapes: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r' };

/** The characters that a basic string stands for. */
function unescaped(raw: string): string {
  return raw.replace(
    /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/g,
    (_all, short?: string, long?: string, one?: string) =>
      one === undefined ? String.fromCodePoint(parseInt(short ?? long ?? '', 16)) : (escapes[one] ?? one),
  );
}
