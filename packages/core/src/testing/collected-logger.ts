import type { LogFields, Logger } from '../traits/runtime.js';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** A log that can be read. */
export class CollectedLogger implements Logger {
  readonly #lines: LogLine[] = [];
  readonly #limit: number;

  /** @param limit lines that are kept; the oldest are dropped */
  constructor(limit = 100_000) {
    this.#limit = limit;
  }

  /** Oldest first. */
  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** One line of text each; of one level alone if it is given. */
  text(level?: LogLevel): string {
    return this.#lines
      .filter((line) => level === undefined || line.level === level)
      .map(({ level: name, message, fields }) => {
        const details = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`;
        return `${name} ${message}${details}`;
      })
      .join('\n');
  }

  error(message: string, fields?: LogFields): void {
    this.#add('error', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#add('warn', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#add('info', message, fields);
  }

  debug(message: string, fields?: LogFields): void {
    this.#add('debug', message, fields);
  }

  #add(level: LogLevel, message: string, fields: LogFields = {}): void {
    this.#lines.push({ level, message, fields });
    // Now and then a whole half, so that a full log costs nothing more per line.
    if (this.#lines.length > this.#limit * 2) this.#lines.splice(0, this.#lines.length - this.#limit);
  }
}
