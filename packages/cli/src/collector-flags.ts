/**
 * Flags for V8's garbage collector that keep clients of a node from waiting for it; `cores` are those that the process
 * may use.
 *
 * - Nearly all that a node makes is gone within milliseconds. Where V8 sees objects of one kind survive, by chance, it
 *   would make all later ones among the old objects, which are freed only when the whole heap is collected: every few
 *   seconds under load. What does live long is promoted without that, a little later.
 * - V8 marks with as many threads as it has, four as a rule, whatever the cores. Where they share one with the thread
 *   that answers, that gets a fifth of it meanwhile.
 */
export function collectorFlags(cores: number): readonly string[] {
  return [
    '--no-allocation-site-pretenuring',
    `--concurrent-marking-max-worker-num=${Math.max(1, cores - 1)}`,
  ];
}
