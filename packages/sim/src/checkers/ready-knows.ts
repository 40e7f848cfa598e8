import { compareVersions } from '@artemis/core';
import { versionText } from '../node-table.js';
import type { SimNode } from '../sim-node.js';
import type { CheckerFactory } from './checker.js';

/** What changed at the peer so recently may still be on its way. */
const underWayMs = 1500;
/** A peer that could not be reached a moment ago may still be taken for dead. */
const undisturbedLongMs = 15_000;

/**
 * When a node becomes ready for the first time in a run, it holds everything that a reachable peer which was ready before
 * it holds, as new or newer: unless it tried for `bootstrap_timeout_secs`. Where no such peer can be reached, all peers that
 * run count: it had to wait for them.
 */
export const readyKnows: CheckerFactory = ({ cluster, undisturbedMs, nowMs, violate }) => {
  const startedMs = new Map<string, number>();
  /** Since when each node has been ready in its present run. */
  const readySince = new Map<string, number>();

  const isCut = (a: SimNode, b: SimNode): boolean =>
    cluster.network.isCut(a.url, b.url) || cluster.network.isCut(b.url, a.url);

  const compare = (node: SimNode, peer: SimNode): void => {
    for (const { key, version } of peer.table.seen().values()) {
      if (nowMs() - (peer.table.changedMs(key) ?? 0) < underWayMs) continue;
      const held = node.table.get(key);
      if (held !== undefined && compareVersions(held.version, version) >= 0) continue;
      violate(`${node.id} is ready without ${versionText(version)}, which ${peer.id} holds`, key);
    }
  };

  const check = (node: SimNode): void => {
    const started = startedMs.get(node.id) ?? 0;
    const ready = cluster.running.filter((peer) => peer !== node && peer.ready);
    const reached = ready.filter((peer) => !isCut(node, peer));
    for (const peer of reached.length > 0 ? reached : ready) {
      const wasReady = (readySince.get(peer.id) ?? Infinity) <= started;
      const isClear = undisturbedMs(node, peer) >= Math.min(undisturbedLongMs, nowMs() - started);
      if (wasReady && (isClear || reached.length === 0)) compare(node, peer);
    }
  };

  return {
    onStarted({ id }) {
      startedMs.set(id, nowMs());
      readySince.delete(id);
    },
    onEnded({ id }) {
      readySince.delete(id);
    },
    onStep() {
      for (const node of cluster.running) {
        if (readySince.has(node.id) || !node.ready) continue;
        readySince.set(node.id, nowMs());
        if (nowMs() - (startedMs.get(node.id) ?? 0) >= node.config.replication.bootstrapTimeoutMs) continue;
        check(node);
      }
    },
  };
};
