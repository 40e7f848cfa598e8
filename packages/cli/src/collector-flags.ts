/**
 * Flags for V8's garbage collector that keep clients of a node from waiting for it; `cores` are those that the process
 * may use. All are looked at when they are used, so that they can be set after the start.
 *
 * - Nearly all that a node makes is gone within milliseconds. Where V8 sees objects of one kind survive, by chance, it
 *   would make all later ones among the old objects, which are freed only when the whole heap is collected: every few
 *   seconds under load. What does live long is promoted without that, a little later.
 * - V8 collects the whole heap when it has grown by as little as a tenth, if not much was found in it before: hardly
 *   anything in a registry's is garbage. Half makes that four times as rare, for as much memory more.
 * - V8 marks and sweeps with as many threads as it has, four as a rule, whatever the cores. On a single one they take it
 *   in turns with the thread that answers, milliseconds each. That thread does the same in steps below one millisecond.
 */
export function collectorFlags(cores: number): readonly string[] {
  const always = ['--no-allocation-site-pretenuring', '--heap-growing-percent=50'];
  if (cores > 1) return always;
  return [...always, '--no-concurrent-marking', '--no-concurrent-sweeping', '--no-parallel-scavenge'];
}
