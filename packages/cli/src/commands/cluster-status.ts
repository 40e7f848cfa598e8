import { setTimeout as pause } from 'node:timers/promises';
import { reportJson, reportText } from '../cluster/report.js';
import { survey, type SurveyedNode } from '../cluster/survey.js';
import { judge, type Verdict } from '../cluster/verdict.js';
import { painter, wantsColours } from '../colours.js';
import { exitCodes } from '../exit-codes.js';
import { Failure } from '../failure.js';
import type { Host } from '../host.js';

export interface ClusterStatusOptions {
  /** Base URLs of the nodes to ask first. */
  readonly urls: readonly string[];
  /** Whether to print JSON instead of tables. */
  readonly json: boolean;
}

/** How long an answer may take, and when to look again at tables that differ: changes may be under way. */
export interface StatusPace {
  readonly timeoutMs: number;
  readonly againAfterMs: readonly number[];
}

const usualPace: StatusPace = { timeoutMs: 2000, againAfterMs: [200, 500] };

/** Prints how the nodes are and whether they provably hold the same, which the exit code says too. */
export async function clusterStatus(
  { urls, json }: ClusterStatusOptions,
  host: Host,
  pace: StatusPace = usualPace,
): Promise<number> {
  const seen = await look(urls, pace);
  const { stdout, env } = host;
  if (json) stdout.write(`${JSON.stringify(reportJson(seen), null, 2)}\n`);
  else {
    const columns = stdout.isTTY === true ? (stdout.columns ?? Infinity) : Infinity;
    stdout.write(reportText(seen, painter(wantsColours(stdout, env)), columns));
  }
  return seen.verdict.equal ? exitCodes.ok : exitCodes.failure;
}

async function look(
  urls: readonly string[],
  { timeoutMs, againAfterMs }: StatusPace,
): Promise<{ nodes: SurveyedNode[]; verdict: Verdict }> {
  let nodes = await survey(urls, timeoutMs);
  refuseSilence(nodes);
  let verdict = judge(nodes);
  for (const ms of againAfterMs) {
    if (!verdict.passing) break;
    await pause(ms);
    // All at once this time, so that the answers are of one moment.
    nodes = await survey(
      nodes.map((node) => node.url),
      timeoutMs,
    );
    verdict = judge(nodes);
  }
  return { nodes, verdict };
}

/** @throws Failure when not even one of the first nodes answers: then nothing is known of the cluster */
function refuseSilence(nodes: readonly SurveyedNode[]): void {
  if (nodes.some(({ failure }) => failure === undefined)) return;
  const silent = nodes.map(({ url, failure }) => `cannot ask the node at ${url}: ${failure}`);
  throw new Failure(`${silent.join('\n')}\nName another with --addr or ARTEMIS_ADDR`, {
    exitCode: exitCodes.unknown,
  });
}
