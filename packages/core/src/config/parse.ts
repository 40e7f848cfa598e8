/** Reads the configuration file: TOML, known sections, known keys, and the line of each. */
import { parse } from '@iarna/toml';
import type { Given, Layer } from './layers.js';
import type { Locator, TomlPath } from './locate.js';
import { locate } from './locate.js';
import type { ConfigProblem, ConfigSource } from './problems.js';
import { show } from './problems.js';
import { configKeys } from './schema.js';
import { sectionOf, unknownKey, unknownSection } from './suggest.js';

type Table = Readonly<Record<string, unknown>>;

/** @param file name for messages */
export function fileLayer(text: string, file: string): Layer {
  const toml = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const parsed = parseToml(toml, file);
  if ('problem' in parsed) return { given: [], problems: [parsed.problem] };
  const reader = new FileReader(file, locate(toml));
  reader.document(parsed.table);
  return reader;
}

function parseToml(text: string, file: string): { table: Table } | { problem: ConfigProblem } {
  try {
    return { table: parse(text) };
  } catch (error) {
    return { problem: syntaxProblem(error, text, file) };
  }
}

function syntaxProblem(error: unknown, text: string, file: string): ConfigProblem {
  const { message = '', line, col } = error as { message?: string; line?: number; col?: number };
  // The parser's message goes on with the place and a drawing of the lines around it.
  const [reason = ''] = message.split(/ at row \d+, col \d+/);
  const problem = { message: `not valid TOML: ${reason}` };
  if (line === undefined || col === undefined) return { ...problem, source: { from: 'file', file } };
  // The parser counts lines from 0, columns from 1 on the first line and from 0 on the others, and at the end of the
  // text it counts on.
  const end = (text.split('\n')[line] ?? '').length + 1;
  const column = Math.min(line === 0 ? col : col + 1, end);
  return { ...problem, source: { from: 'file', file, line: line + 1, column } };
}

/** Sorts a parsed document into what is known and what is not. */
class FileReader implements Layer {
  readonly given: Given[] = [];
  readonly problems: ConfigProblem[] = [];

  constructor(
    private readonly file: string,
    private readonly lineOf: Locator,
  ) {}

  document(table: Table): void {
    for (const [section, value] of Object.entries(table)) {
      const known = configKeys.find((key) => key.section === section);
      if (isTable(value) && known !== undefined) this.section(section, value);
      else if (isTable(value)) this.refuse([section], `[${section}]`, unknownSection(section));
      else if (known !== undefined) {
        this.refuse(
          [section],
          `[${section}]`,
          `is ${show(value)}, expected a section with keys such as ${known.name}`,
        );
      } else {
        const home = sectionOf(section);
        const hint = home === undefined ? '' : `, did you mean it in [${home}]?`;
        this.refuse([section], section, `key outside of a section${hint}`);
      }
    }
  }

  private nested(section: string, path: TomlPath, table: Table): void {
    if (configKeys.some((key) => key.section === section)) this.section(section, table);
    else this.refuse(path, `[${section}]`, unknownSection(section));
  }

  private section(section: string, table: Table): void {
    for (const [name, value] of Object.entries(table)) {
      const path = [...section.split('.'), name];
      const key = configKeys.find((known) => known.section === section && known.name === name);
      if (key !== undefined) {
        const itemSource = (index: number) => this.sourceOf([...path, index]);
        this.given.push({ key, value, source: this.sourceOf(path), itemSource });
      } else if (isTable(value)) {
        this.nested(`${section}.${name}`, path, value);
      } else {
        this.refuse(path, `[${section}] ${name}`, unknownKey(section, name));
      }
    }
  }

  private refuse(path: TomlPath, subject: string, message: string): void {
    this.problems.push({ source: this.sourceOf(path), subject, message });
  }

  private sourceOf(path: TomlPath): ConfigSource {
    const line = this.lineOf(path);
    return { from: 'file', file: this.file, ...(line !== undefined && { line }) };
  }
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
