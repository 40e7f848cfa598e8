import { keyOf, sameInstance } from '@artemis/core';
import type { SimNode } from '../sim-node.js';
import { liveTable, rowOf } from '../node-table.js';
import type { CheckerFactory } from './checker.js';

const removalMs = 600;

/**
 * Discovery answers what the node's change feed told, at any time. At the end all nodes answer the same, each instance as
 * its client registered it last, and a node's table is what its feed told.
 */
export const trueAnswers: CheckerFactory = ({ cluster, truth, after, violate }) => {
  const checkedAt = new Map<string, string>();
  const services = (): ReadonlySet<string> =>
    new Set([...truth.keys()].map(({ instance }) => instance.service_id));

  const isTrue = (node: SimNode, service: string): boolean =>
    // One that joins or stops does not answer clients.
    !node.ready || discovered(node, service) === listed(node, service);

  const checkFeed = (node: SimNode): void => {
    for (const service of services()) {
      if (isTrue(node, service)) continue;
      // Instances whose lease is over are left out a moment before they are removed.
      after(removalMs, () => {
        if (!isTrue(node, service))
          violate(`${node.id} answers for ${service} something else than its change feed tells`);
      });
    }
  };

  return {
    onSecond() {
      for (const node of cluster.running) {
        const { logId, revision } = node.node.changes;
        if (checkedAt.get(node.id) === `${logId} ${revision}`) continue;
        checkedAt.set(node.id, `${logId} ${revision}`);
        checkFeed(node);
      }
    },
    atEnd() {
      for (const node of cluster.nodes) {
        checkFeed(node);
        const held = new Set(liveTable(node.node.state));
        const missing = [...node.table.seen().values()].find((record) => !held.has(rowOf(record)));
        if (missing !== undefined) violate(`${node.id} does not hold what its change feed told`, missing.key);
        for (const { key, fate, shared, instance } of truth.keys()) {
          const held = node.table.get(key);
          if (shared || fate !== 'wanted' || held?.state !== 'alive') continue;
          if (sameInstance(held.instance, instance)) continue;
          violate(
            `${node.id} holds ${JSON.stringify(held.instance)}, which is not what was registered last`,
            key,
          );
        }
      }
      for (const service of services()) {
        const answers = new Set(cluster.nodes.map((node) => discovered(node, service)));
        if (answers.size > 1) violate(`the nodes answer differently for ${service}`);
      }
    },
  };
};

/** Instances of any status in the order of their keys, as text. */
function discovered({ node }: SimNode, service: string): string {
  const config = { service_id: service, discovery_data: { status: 'any' } } as const;
  const instances = node.state.discovery.service(config).response.service?.instances ?? [];
  return texts(instances.map((instance) => ({ ...instance, unconfirmed: undefined })));
}

function listed({ table }: SimNode, service: string): string {
  const instances = [...table.seen().values()].map(({ instance }) => instance);
  return texts(instances.filter(({ service_id: id }) => id === service));
}

function texts(instances: readonly Parameters<typeof keyOf>[0][]): string {
  return JSON.stringify([...instances].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)));
}
