import type { Instance } from '@artemis/core';
import { keyOf, sameInstance } from '@artemis/core';
import type { SimNode } from '../cluster.js';
import { liveTable } from '../node-table.js';
import type { CheckerFactory } from './checker.js';

/**
 * At the end: every node answers discovery with the same instances, each as its client registered it last, and holds
 * what its change feed told.
 */
export const trueAnswers: CheckerFactory = ({ cluster, truth, violate }) => ({
  atEnd() {
    const services = new Set([...truth.keys()].map(({ instance }) => instance.service_id));
    const [first, ...others] = cluster.nodes;
    if (first === undefined) return;
    for (const service of services) {
      const expected = answerOf(first, service);
      for (const other of others) {
        if (answerOf(other, service) === expected) continue;
        violate(`${first.id} and ${other.id} answer differently for ${service}`);
      }
    }
    for (const { key, fate, shared, instance } of truth.keys()) {
      const held = first.table.get(key);
      if (shared || fate !== 'wanted' || held?.state !== 'alive') continue;
      if (!sameInstance(held.instance, instance))
        violate(
          `${JSON.stringify(held.instance)} is held, and its client registered another content last`,
          key,
        );
    }
    for (const { id, node, table } of cluster.nodes) {
      if (liveTable(node.state).join() !== table.rows().join())
        violate(`${id} holds another table than its change feed tells`);
    }
  },
});

/** Instances of any status in the order of their keys, as text. */
function answerOf({ node }: SimNode, service: string): string {
  const config = { service_id: service, discovery_data: { status: 'any' } } as const;
  const instances: Instance[] = (node.state.discovery.service(config).response.service?.instances ?? []).map(
    (instance) => instance as Instance,
  );
  return JSON.stringify(instances.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)));
}
