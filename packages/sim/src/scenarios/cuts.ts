import { drawSpan } from '../faults.js';
import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const actsMs = 120_000;

/**
 * Directions between nodes are cut at random, one or both at once, from seconds to longer than a lease, while clients
 * of every routing come, change, leave and die. Nodes that cannot deliver to an owner take over from it; a node that
 * let a lease lapse which was renewed elsewhere is refuted once it can be heard.
 *
 * Today's promise: changes wait in the outboxes, so all is equal once the peers answer probes again: within a probe
 * interval (5 s), the time-out of a request that was under way (5 s), and a second chance.
 */
export const cuts: Scenario = {
  name: 'cuts',
  about: 'cuts of one or both directions at random: nothing lost, nothing comes back',
  leaseMs: 30_000,
  actsMs,
  convergeMs: 15_000,
  mustSee: { registered: 30, unregistered: 5 },
  play(stage) {
    const { random, faults } = stage;
    const within = { fromMs: 5000, toMs: actsMs };
    for (let cut = random.int(3, 8); cut > 0; cut -= 1) {
      const pair = stage.drawPair();
      const span = drawSpan(random, within, [2000, 60_000]);
      if (random.chance(0.5)) faults.cut(pair, span);
      else faults.cutBothWays(pair, span);
    }
    busyClients(stage, {
      clients: 25,
      acts: { change: 3, bounce: 2, leave: 2, die: 2 },
      actEveryMs: 25_000,
      untilMs: actsMs,
    });
  },
};
