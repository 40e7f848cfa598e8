import type { RegistryRecord } from '@artemis/core';
import { compareVersions } from '@artemis/core';
import { versionText } from '../node-table.js';
import type { SimNode } from '../sim-node.js';
import type { CheckerFactory } from './checker.js';

/** The shortest time after which the comparison of tables must have noticed. */
const leastMs = 6000;

/**
 * Two nodes that nothing disturbs hold the same, but for what changed within the time in which the cluster must become
 * equal. It does not matter what goes wrong elsewhere, or how much changes: where a change could not be sent directly, it
 * comes through others.
 */
export const heals: CheckerFactory = ({ cluster, undisturbedMs, healMs, violate }) => {
  const limitMs = Math.max(leastMs, healMs);
  const check = (a: SimNode, b: SimNode): void => {
    if (!a.ready || !b.ready || a.table.digest === b.table.digest || undisturbedMs(a, b) <= limitMs) return;
    for (const key of new Set([...a.table.keys(), ...b.table.keys()])) {
      const [held, other] = [a.table.get(key), b.table.get(key)];
      if (sameLive(held, other) || isFresh(a, key) || isFresh(b, key)) continue;
      // What a node holds back until somebody confirms it counts nowhere.
      if (isHidden(a, key) || isHidden(b, key)) continue;
      violate(`${a.id} has ${textOf(held)}, and ${b.id} has ${textOf(other)}`, key);
    }
  };
  const isFresh = ({ table, runtime }: SimNode, key: string): boolean =>
    runtime.time.nowMs - (table.changedMs(key) ?? -Infinity) <= limitMs;

  const isHidden = ({ table }: SimNode, key: string): boolean =>
    table.get(key)?.state === 'alive' && !table.sees(key);

  return {
    onSecond() {
      const nodes = cluster.running;
      nodes.forEach((a, index) => {
        for (const b of nodes.slice(index + 1)) check(a, b);
      });
    },
  };
};

function sameLive(a: RegistryRecord | undefined, b: RegistryRecord | undefined): boolean {
  const [first, second] = [a, b].map((record) => (record?.state === 'alive' ? record : undefined));
  if (first === undefined || second === undefined) return first === second;
  return compareVersions(first.version, second.version) === 0;
}

function textOf(record: RegistryRecord | undefined): string {
  return record === undefined ? 'nothing' : `${record.state} ${versionText(record.version)}`;
}
