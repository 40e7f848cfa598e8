/** What `artemis cluster status` prints. */
import type { Paint } from '../colours.js';
import { legendOf, matrix } from './matrix.js';
import type { PeerReport } from './node-report.js';
import { nodeTable } from './node-table.js';
import { findPeer, type SurveyedNode } from './survey.js';
import type { Verdict } from './verdict.js';

export interface ReportInput {
  readonly nodes: readonly SurveyedNode[];
  readonly verdict: Verdict;
}

/** @param columns width of the terminal */
export function reportText({ nodes, verdict }: ReportInput, paint: Paint, columns: number): string {
  const parts = [nodeTable(nodes, paint, columns)];
  if (nodes.length > 1) {
    const table = matrix(nodes, paint, columns);
    const legend = legendOf(matrix(nodes, (_style, text) => text, columns));
    parts.push([table, ...legend.map((line) => paint('dim', line))].join('\n'));
  }
  const failures = failedCalls(nodes);
  if (failures.length > 0) parts.push(failures.join('\n'));
  parts.push(paint(['bold', verdict.equal ? 'green' : 'red'], verdict.line));
  return parts.map((part) => `${part}\n`).join('\n');
}

/** The same for programs, in the names of the HTTP API. */
export function reportJson({ nodes, verdict }: ReportInput): unknown {
  return {
    equal: verdict.equal,
    summary: verdict.line,
    problems: verdict.problems,
    nodes: nodes.map(({ name, url, address, report, failure }) => ({
      name,
      url,
      address,
      answered: report !== undefined,
      ...(failure !== undefined && { error: failure }),
      ...report,
    })),
  };
}

/** Why a node thinks ill of another. */
function failedCalls(nodes: readonly SurveyedNode[]): string[] {
  return nodes.flatMap(({ name, report }) =>
    (report?.peers ?? [])
      .filter(({ status, last_error: reason }) => status !== 'alive' && reason !== undefined)
      .map((peer) => `${name} cannot call ${findPeer(nodes, peer)?.name ?? peer.address}: ${reasonIn(peer)}`),
  );
}

/** Without what was asked where, which is nothing new here. */
function reasonIn({ last_error: reason = '' }: PeerReport): string {
  return reason.replace(/\b(?:GET|POST) https?:\S+: /, '');
}
