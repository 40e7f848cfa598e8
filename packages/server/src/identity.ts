/** Who this node is, for the length of one run. */
export interface Identity {
  /** The same after a restart. */
  readonly nodeId: string;
  /** Drawn at each start. */
  readonly runId: string;
  /** Node id and run id: the origin of every version made here, and the id of the change log. */
  readonly origin: string;
}

export function identityOf(nodeId: string, runId: string): Identity {
  return { nodeId, runId, origin: `${nodeId}#${runId}` };
}
