import type { Scenario } from '../scenario.js';

const leaseMs = 10_000;
const bootstrapTimeoutMs = 25_000;
const crashMs = { fromMs: 15_000, toMs: 17_000 };
const cutMs = { fromMs: 14_000, toMs: 60_000 };

/**
 * A node starts again with its disk, and can reach nobody: it refuses its clients for longer than their leases, until it
 * gives up waiting. They could not renew meanwhile, which must not cost them their leases.
 */
export const lonelyStart: Scenario = {
  name: 'lonely-start',
  about: 'a node that cannot reach its peers refuses clients for longer than a lease: none of them expires',
  leaseMs,
  actsMs: cutMs.toMs,
  convergeMs: 9000,
  config: { replication: { bootstrapTimeoutMs } },
  forbid: ['expired', 'hidden', 'refuted'],
  mustSee: { registered: 20 },
  play(stage) {
    const { random, faults, nodes } = stage;
    const lonely = random.pick(nodes);
    faults.crash(lonely, crashMs);
    faults.part(
      [lonely],
      nodes.filter((node) => node !== lonely),
      cutMs,
    );
    for (let index = 0; index < 20; index += 1) {
      const home = index < 10 ? nodes.indexOf(lonely) : index;
      const client = stage.client({ name: `inst-${index}`, home });
      stage.at(random.between(0, 5000), () => client.register());
    }
  },
};
