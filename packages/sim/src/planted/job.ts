/** One run in a copy of the built packages. */
export interface Job {
  /** The module of the copy's simulation. */
  readonly module: string;
  readonly scenario: string;
  readonly seed: number;
  readonly nodes?: number;
}

/** Number of a job in the list that a worker was given, and what came of it. */
export interface JobResult {
  readonly index: number;
  /** Names of the checkers that saw something, the first one first. */
  readonly caughtBy: readonly string[];
  /** What the first one said. */
  readonly message: string;
  readonly tookMs: number;
}
