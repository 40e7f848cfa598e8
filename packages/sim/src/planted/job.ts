/** A run in a copy of the built packages, with other seeds for as long as nobody sees anything. */
export interface Job {
  /** The module of the copy's simulation. */
  readonly module: string;
  readonly scenario: string;
  /** The first one. */
  readonly seed: number;
  /** How many seeds are tried, one after the other. */
  readonly tries: number;
  readonly nodes?: number;
}

/** Number of a job in the list that a worker was given, and what came of it. */
export interface JobResult {
  readonly index: number;
  /** Of the last run. */
  readonly seed: number;
  /** Names of the checkers that saw something, the first one first. */
  readonly caughtBy: readonly string[];
  /** What the first one said. */
  readonly message: string;
  readonly tookMs: number;
}
