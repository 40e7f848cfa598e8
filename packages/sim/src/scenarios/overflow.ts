import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const actsMs = 80_000;
/** In the time after, outboxes fill with renewals alone: the offer has to find room beside them. */
const lastActMs = 65_000;

/**
 * Outboxes hold twenty changes. One node that has no clients of its own is cut from another one, where clients change,
 * leave and die. What overflowed there is dropped and known to nobody else who would send it, so only the offer of the
 * whole table, tombstones too, in pages of half an outbox, can make the nodes equal again: heartbeats come every 20 s,
 * later than that.
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
    const [lonely, full] = stage.drawPair();
    stage.faults.cutBothWays([lonely, full], { fromMs: 10_000, toMs: actsMs });
    busyClients(stage, {
      clients: 160,
      homes: stage.nodes.filter((node) => node !== lonely),
      routings: ['sticky'],
      acts: { change: 4, bounce: 1, leave: 2, die: 1 },
      actEveryMs: 20_000,
      untilMs: lastActMs,
    });
    return async () => {
      const overflows = await stage.cluster.counted('outbox_overflows_total');
      return overflows > 0 ? undefined : 'no outbox overflowed';
    };
  },
};
