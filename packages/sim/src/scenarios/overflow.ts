import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const actsMs = 80_000;

/**
 * Outboxes hold twenty changes; two nodes are cut apart while a hundred clients change, leave and die. What overflowed is
 * dropped, so only the offer of the whole table, in pages of half an outbox, can make the nodes equal again: heartbeats
 * come every 20 s, later than that.
 */
export const overflow: Scenario = {
  name: 'overflow',
  about: 'tiny outboxes overflow during a cut: the offer of the whole table repairs what was dropped',
  leaseMs: 60_000,
  actsMs,
  convergeMs: 15_000,
  config: { replication: { outboxLimit: 20 } },
  mustSee: { registered: 100, unregistered: 5 },
  play(stage) {
    stage.faults.cutBothWays(stage.drawPair(), { fromMs: 10_000, toMs: actsMs });
    stage.faults.cut(stage.drawPair(), { fromMs: 30_000, toMs: 60_000 });
    busyClients(stage, {
      clients: 100,
      acts: { change: 4, bounce: 1, leave: 2, die: 1 },
      actEveryMs: 20_000,
      untilMs: actsMs,
    });
    return async () => {
      const overflows = await stage.cluster.counted('outbox_overflows_total');
      return overflows > 0 ? undefined : 'no outbox overflowed';
    };
  },
};
