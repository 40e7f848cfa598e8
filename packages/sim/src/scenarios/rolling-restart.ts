import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const firstMs = 10_000;
const eachMs = 20_000;
const mostNodes = 5;
const actsMs = firstMs + mostNodes * eachMs;

/**
 * Every node in turn is stopped as by an operator and started again, under load. Clients go elsewhere when they are told
 * to: no instance that is kept alive is missing on any ready node at any moment.
 */
export const rollingRestart: Scenario = {
  name: 'rolling-restart',
  about: 'all nodes restarted in turn under load: no instance is missing on a ready node at any moment',
  leaseMs: 30_000,
  actsMs,
  convergeMs: 10_000,
  forbid: ['expired', 'hidden'],
  mustSee: { registered: 60 },
  play(stage) {
    const { random, faults, nodes } = stage;
    nodes.forEach((node, index) => {
      const fromMs = firstMs + index * eachMs;
      faults.restart(node, { fromMs, toMs: fromMs + 12_000 + random.int(0, 3000) });
    });
    const steady = Array.from({ length: 15 }, (_, index) => {
      const client = stage.client({ name: `steady-${index}`, service: 'steady', routing: 'moving' });
      stage.at(random.between(0, 3000), () => client.register());
      return client;
    });
    busyClients(stage, {
      clients: 15,
      routings: ['moving'],
      acts: { change: 3, bounce: 1, leave: 1 },
      actEveryMs: 8000,
      untilMs: actsMs,
    });
    let missing: string | undefined;
    for (let atMs = 5000; atMs < actsMs; atMs += 100) {
      stage.at(atMs, () => {
        for (const { id, table } of nodes.filter(({ ready }) => ready)) {
          const lacking = steady.find(({ key }) => !table.seen().has(key));
          if (lacking !== undefined) missing ??= `${id} lacks ${lacking.key} at ${stage.nowMs} ms`;
        }
      });
    }
    return () => missing;
  },
};
