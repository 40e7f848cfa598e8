/** What is wrong with a configuration, said in a way that a person can act on. */

/** Where a value comes from. */
export type ConfigSource =
  | { readonly from: 'default' }
  | { readonly from: 'file'; readonly file: string; readonly line?: number; readonly column?: number }
  | { readonly from: 'environment'; readonly variable: string }
  | { readonly from: 'flag' }
  /** Given by the program that embeds the node. */
  | { readonly from: 'program' };

export interface ConfigProblem {
  readonly source: ConfigSource;
  /** What it is about: `[server] listen_addr`, `[cluster] peers[1]`, `[srver]`; absent when the text is no TOML. */
  readonly subject?: string;
  /** What is wrong and what is expected. */
  readonly message: string;
}

/** Where to look: `artemis.toml:3`, the name of a variable; `undefined` for a default and a program. */
function placeOf(source: ConfigSource): string | undefined {
  switch (source.from) {
    case 'file':
      return [source.file, source.line, source.column].filter((part) => part !== undefined).join(':');
    case 'environment':
      return source.variable;
    case 'flag':
      return 'command line';
    case 'default':
    case 'program':
      return undefined;
  }
}

function formatProblem({ source, subject, message }: ConfigProblem): string {
  return [placeOf(source), subject, message].filter((part) => part !== undefined).join(': ');
}

/** A configuration that is refused. The message lists every problem, one a line. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

const longestShown = 80;

/** A value as a message repeats it: short, on one line, texts in quotes. */
export function show(value: unknown): string {
  if (value instanceof Date) return 'a date';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a table';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > longestShown ? `${value.slice(0, longestShown)}…` : value);
}
