/**
 * Who this node is. The node id is the same after a restart; a run has an id of its own, drawn at each start and again
 * when the clock turns out to have been wrong.
 */
export class Identity {
  readonly nodeId: string;
  readonly #runIds: string[];

  constructor(nodeId: string, runId: string) {
    this.nodeId = nodeId;
    this.#runIds = [runId];
  }

  get runId(): string {
    return this.#runIds.at(-1) ?? '';
  }

  /** Node id and run id: the origin of every version made here, and the id of the change log. */
  get origin(): string {
    return `${this.nodeId}#${this.runId}`;
  }

  /** From here on versions have another origin and changes another log. */
  beginRun(runId: string): void {
    this.#runIds.push(runId);
  }

  /** Whether this process has, or had, that run: an answer that was under way when a run began names the one before. */
  isOwnRun(runId: string): boolean {
    return this.#runIds.includes(runId);
  }
}
