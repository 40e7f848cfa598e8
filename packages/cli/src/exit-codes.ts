/** How the command ends, for scripts. The help of `artemis` explains them. */
export const exitCodes = {
  ok: 0,
  /** A configuration that is refused, a node that cannot start, a cluster that is not as it should be. */
  failure: 1,
  /** A command line that makes no sense. */
  usage: 2,
  /** No node could be asked how the cluster is. */
  unknown: 3,
  /** A fault of the program itself (EX_SOFTWARE of sysexits). */
  defect: 70,
  /** 128 and the number of the signal, as shells have it. */
  SIGINT: 130,
  SIGTERM: 143,
} as const;
