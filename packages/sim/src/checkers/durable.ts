import { compareVersions } from '@artemis/core';
import { versionText } from '../node-table.js';
import type { SimNode } from '../sim-node.js';
import type { CheckerFactory } from './checker.js';

/** A node that starts has taken in what is on its disk by then: the disk is read before anything else is awaited. */
const recoveryMs = 1000;

/**
 * An answer to a register or unregister leaves when the write is on the node's disk, and a node that starts again holds
 * everything that was there. At the end the disk holds what the node does.
 */
export const durable: CheckerFactory = ({ cluster, after, violate }) => {
  const checkRecovery = (node: SimNode): void => {
    for (const { key, version } of node.store.records) {
      const held = node.table.get(key);
      if (held !== undefined && compareVersions(held.version, version) >= 0) continue;
      violate(
        `${node.id} had ${versionText(version)} on its disk, and does not hold it after its start`,
        key,
      );
    }
  };
  return {
    onClientAnswer({ node, writes, response, run }) {
      if (response.status !== 200 || run !== node.run) return;
      for (const [key, version] of writes) {
        const stored = node.store.get(key);
        if (stored !== undefined && compareVersions(stored.version, version) >= 0) continue;
        violate(`${node.id} acknowledged ${versionText(version)}, which is not on its disk`, key);
      }
    },
    onStarted(node) {
      const { run } = node;
      after(recoveryMs, () => {
        if (node.state === 'running' && node.run === run) checkRecovery(node);
      });
    },
    atEnd() {
      for (const { id, table, store } of cluster.nodes) {
        for (const { key, version } of table.seen().values()) {
          const stored = store.get(key);
          if (stored?.state === 'alive' && compareVersions(stored.version, version) === 0) continue;
          violate(`${id} holds ${versionText(version)}, and its disk does not`, key);
        }
      }
    },
  };
};
