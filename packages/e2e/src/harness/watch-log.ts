import { expect } from '@jest/globals';
import { eventually } from './eventually.js';
import type { NodeApi } from './node-api.js';
import type { RunningNode } from './node-process.js';
import { changesCompared, differencesFrom, type LogExtract } from './watch-checker.js';
import type { Watcher } from './watcher.js';

const patienceMs = 60_000;

/** What a node's change log holds after a revision of the run that goes on, as anybody can ask for it. */
export async function logOf(api: NodeApi, from: number): Promise<LogExtract> {
  const { log_id: logId, revision } = await api.discover('nothing');
  const delta = await api.delta(from, logId);
  expect(delta.response_status.error_code).toBe('success');
  expect(delta.revision).toBeGreaterThanOrEqual(revision);
  return { logId, from, to: delta.revision, changes: delta.changes };
}

interface Compared {
  /** Of which the log is. */
  readonly node: RunningNode;
  /** Revision after which the log is compared. Default: all of it, which holds the last 10 000 changes. */
  readonly from?: number;
  /** Whose views are compared with discovery, of those that watch them. Each must be watched by somebody. */
  readonly services: readonly string[];
  /** Watchers must have been told of so many changes at least: what is compared is not nothing. */
  readonly atLeast: number;
}

/**
 * Waits until all watchers have the view that the node's discovery has, then compares all that each was told with the
 * node's change log. To be called when nothing changes any more.
 */
export async function expectTold(watchers: readonly Watcher[], compared: Compared): Promise<void> {
  const { node, from = 0, services, atLeast } = compared;
  await eventually(
    async () => {
      for (const service of services) {
        const shown = await node.api.shown(service);
        const watching = watchers.filter((watcher) => watcher.watches(service));
        expect([service, watching.length]).not.toEqual([service, 0]);
        for (const watcher of watching) expect(watcher.differencesFrom(service, shown)).toEqual([]);
      }
    },
    { within: patienceMs, every: 50 },
  );
  const log = await logOf(node.api, from);
  for (const { record } of watchers) {
    expect(differencesFrom(log, record)).toEqual([]);
    expect(changesCompared(log, record)).toBeGreaterThanOrEqual(atLeast);
  }
}

/** Waits until all nodes hold the same, which nobody changes any more. */
export async function untilEqual(nodes: readonly RunningNode[]): Promise<void> {
  await eventually(
    async () => {
      const all = await Promise.all(nodes.map(({ api }) => api.status()));
      expect(new Set(all.map(({ root_digest: digest }) => digest)).size).toBe(1);
    },
    { within: patienceMs },
  );
}
