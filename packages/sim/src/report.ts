import type { ChangeReason } from '@artemis/core';
import type { CheckerName } from './checkers/index.js';
import type { FaultKind } from './faults.js';

export interface Violation {
  readonly checker: CheckerName;
  readonly message: string;
  /** Virtual ms since the start. */
  readonly atMs: number;
  /** The latest of what happened to the key, or in all. */
  readonly evidence: readonly string[];
}

export interface RunReport {
  readonly scenario: string;
  readonly seed: number;
  readonly nodes: number;
  readonly virtualMs: number;
  /** Tasks of virtual time. */
  readonly events: number;
  /** How many of each kind. */
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly clientCalls: number;
  /** Changes that nodes made themselves, by reason. */
  readonly changes: Readonly<Partial<Record<ChangeReason, number>>>;
  /** Requests between nodes, probes included. */
  readonly requests: number;
  /** From the end of acts and faults; `undefined` when it was not reached. */
  readonly convergedInMs: number | undefined;
  /** The same for two runs of one seed. */
  readonly traceHash: string;
  readonly violations: readonly Violation[];
}

/** The command that runs exactly this again. */
export function replayCommand({ seed, scenario, nodes }: RunReport): string {
  return `npm run sim -- --seed ${seed} --scenario ${scenario} --nodes ${nodes}`;
}

/** One line. */
export function summaryOf(report: RunReport): string {
  const { scenario, seed, nodes, virtualMs, faults, clientCalls, requests, convergedInMs } = report;
  const changes = Object.entries(report.changes).map(([reason, count]) => `${count} ${reason}`);
  return [
    `${report.violations.length === 0 ? 'ok  ' : 'FAIL'} ${scenario.padEnd(22)} seed ${seed}`,
    `${nodes} nodes`,
    `${(virtualMs / 1000).toFixed(0)} virtual s`,
    `${Object.values(faults).reduce((sum, count) => sum + count, 0)} faults`,
    `${clientCalls} client calls`,
    `changes: ${changes.join(' ') || 'none'}`,
    `${requests} requests between nodes`,
    `equal after ${convergedInMs ?? '?'} ms`,
    `trace ${report.traceHash}`,
  ].join(', ');
}

/** All that a failure needs: what broke, what led to it, and how to see it again. Empty when nothing broke. */
export function failureOf(report: RunReport): string {
  if (report.violations.length === 0) return '';
  const violations = report.violations.map(({ checker, message, atMs, evidence }) =>
    [
      `${checker} at ${(atMs / 1000).toFixed(3)} s: ${message}`,
      ...evidence.map((line) => `    ${line}`),
    ].join('\n'),
  );
  return [...violations, `Again: ${replayCommand(report)}`].join('\n');
}
