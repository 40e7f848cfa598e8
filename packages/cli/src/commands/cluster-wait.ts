import { setTimeout as pause } from 'node:timers/promises';
import { survey, type SurveyedNode } from '../cluster/survey.js';
import { judge } from '../cluster/verdict.js';
import { counted } from '../cluster/words.js';
import { exitCodes } from '../exit-codes.js';
import type { Host } from '../host.js';

export interface ClusterWaitOptions {
  /** Base URLs of the nodes to ask first. */
  readonly urls: readonly string[];
  readonly timeoutMs: number;
  /** Whether to wait until the nodes provably hold the same. */
  readonly equal: boolean;
  /** Whether to wait until every node is ready. */
  readonly ready: boolean;
  /** At least so many nodes have to answer. */
  readonly nodes?: number | undefined;
}

const answerMs = 2000;
const betweenLooksMs = 250;

/** Waits until the cluster is as it is wanted, says so in one line, and answers the exit code. */
export async function clusterWait(
  options: ClusterWaitOptions,
  host: Host,
  betweenMs = betweenLooksMs,
): Promise<number> {
  const progress = new Progress(host.stderr);
  const startedMs = performance.now();
  const passedMs = () => performance.now() - startedMs;
  let everAnswered = false;
  let known: readonly string[] = [];
  for (;;) {
    const leftMs = Math.max(options.timeoutMs - passedMs(), betweenLooksMs);
    const nodes = await survey([...options.urls, ...known], Math.ceil(Math.min(answerMs, leftMs)));
    const answered = nodes.filter(({ report }) => report !== undefined);
    everAnswered ||= answered.length > 0;
    // Asked together the next time, so that the answers are of one moment.
    known = answered.map(({ url }) => url);
    const unmet = unmetOf(nodes, options);
    if (unmet.length === 0) {
      progress.clear();
      host.stdout.write(`${success(nodes, options)}, after ${secondsOf(passedMs())}\n`);
      return exitCodes.ok;
    }
    if (passedMs() + betweenMs >= options.timeoutMs) {
      progress.clear();
      host.stdout.write(`Not within ${secondsOf(options.timeoutMs)}: ${unmet.join('; ')}\n`);
      return everAnswered ? exitCodes.failure : exitCodes.unknown;
    }
    progress.show(`${secondsOf(passedMs())}: ${unmet.join('; ')}`);
    await pause(betweenMs);
  }
}

/** Everything that is not as it is wanted. */
function unmetOf(nodes: readonly SurveyedNode[], wanted: ClusterWaitOptions): string[] {
  const answered = nodes.filter(({ report }) => report !== undefined);
  const few = wanted.nodes !== undefined && answered.length < wanted.nodes;
  const unequal = wanted.equal ? judge(nodes).problems : [];
  return [
    ...unequal,
    // What does not answer is named already.
    ...(wanted.ready ? nodes.flatMap(unready).filter((problem) => !unequal.includes(problem)) : []),
    ...(few ? [`${answered.length} of ${wanted.nodes} nodes answer`] : []),
  ];
}

function unready({ name, report, failure }: SurveyedNode): string[] {
  if (failure !== undefined) return [`${name} does not answer (${failure})`];
  if (report?.readiness?.ready === true) return [];
  const gates = Object.values(report?.readiness?.gates ?? {});
  const reasons = gates.flatMap(({ open, reason }) => (open || reason === undefined ? [] : [reason]));
  return [`${name} is not ready${reasons.length === 0 ? '' : ` (${reasons.join(', ')})`}`];
}

function success(nodes: readonly SurveyedNode[], { equal, ready }: ClusterWaitOptions): string {
  const readiness = `${counted(nodes.length, 'node')} ready`;
  if (equal) return judge(nodes).line + (ready ? `, ${readiness}` : '');
  if (ready) return readiness;
  return `${counted(nodes.filter(({ report }) => report !== undefined).length, 'node')} there`;
}

function secondsOf(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

/** A line at a terminal that is written over and over; nothing elsewhere. */
class Progress {
  readonly #output: Host['stderr'];
  #shown = false;

  constructor(output: Host['stderr']) {
    this.#output = output;
  }

  show(text: string): void {
    const { isTTY, columns = 80 } = this.#output;
    if (isTTY !== true) return;
    this.clear();
    this.#output.write(text.length < columns ? text : `${text.slice(0, columns - 2)}…`);
    this.#shown = true;
  }

  clear(): void {
    if (this.#shown) this.#output.write('\r\u001b[2K');
    this.#shown = false;
  }
}
