import { stampWallMs } from '@artemis/core';
import type { SimNode } from '../sim-node.js';
import type { CheckerFactory } from './checker.js';

/** A client's clock is taken up to so far ahead of the fastest node; a little more for the counter. */
const toleranceMs = 1000 + 10;

/**
 * No stamp is ahead of the fastest clock of the cluster by more than a client may push it, and no peer refuses one. The
 * clocks are those of the runs so far, as they were when these began: jumps are ignored, and what was seen stays seen.
 */
export const saneStamps: CheckerFactory = ({ cluster, violate }) => {
  const begun = new Map<string, { readonly wallMs: number; readonly monotonicMs: number }>();
  let endedMs = -Infinity;
  const steadyMs = ({ id, runtime: { clock } }: SimNode): number => {
    const start = begun.get(id);
    if (start === undefined) return clock.wallMs();
    return Math.max(clock.wallMs(), start.wallMs + clock.monotonicMs() - start.monotonicMs);
  };
  const fastestMs = (): number => Math.max(endedMs, ...cluster.nodes.map(steadyMs));

  return {
    onStarted(node) {
      const { clock } = node.runtime;
      begun.set(node.id, { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() });
    },
    onEnded() {
      endedMs = fastestMs();
    },
    onChange({ id }, { record, origin }) {
      if (origin !== 'local') return;
      const aheadMs = stampWallMs(record.version.stamp) - fastestMs();
      if (aheadMs > toleranceMs) violate(`${id} made a stamp ${aheadMs} ms ahead of every clock`, record.key);
    },
    onPeerCall({ fromId, to, request, response }) {
      const { failed_instances: failed = [] } = (response.body ?? {}) as { failed_instances?: unknown[] };
      // A node that can take nothing for a while says so with 503.
      if (response.status === 503 || (response.status === 200 && failed.length === 0)) return;
      // A node whose clock is wrong takes the others' for wrong, and knows that it has been put right with the next probe.
      const apartMs = Math.abs(steadyMs(cluster.get(fromId)) - steadyMs(to));
      const isWrong = to.node.state.health.readiness().gates.clock?.open === false;
      if (isWrong || apartMs > to.config.replication.maxClockDriftMs / 2) return;
      const what = `${to.id} refused ${request.path} of ${fromId}: ${response.status}`;
      violate(`${what} ${JSON.stringify(failed.length > 0 ? failed[0] : response.body)}`);
    },
  };
};
