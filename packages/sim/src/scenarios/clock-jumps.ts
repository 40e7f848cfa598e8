import { drawSpan } from '../faults.js';
import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const actsMs = 150_000;

/**
 * Wall clocks jump, by seconds or by hours, to and fro, and all clocks run a little fast or slow. Leases go by monotonic
 * time and stamps by a wall clock that ignores jumps: nobody notices.
 */
export const clockJumps: Scenario = {
  name: 'clock-jumps',
  about: 'wall clocks jump by seconds or hours, and drift: nothing expires wrongly, the last write counts',
  leaseMs: 20_000,
  actsMs,
  convergeMs: 5000,
  maxSkewMs: 10_000,
  forbid: ['refuted', 'moved', 'unconfirmed', 'hidden'],
  mustSee: { registered: 50, unregistered: 10 },
  play(stage) {
    const { random, faults } = stage;
    const within = { fromMs: 2000, toMs: actsMs };
    for (const node of stage.nodes) {
      faults.driftClock(node, 1 + random.between(-0.0003, 0.0003), within);
      for (let jump = random.int(1, 3); jump > 0; jump -= 1) {
        const ms = random.pick([700, 5000, 90_000, 3_600_000, 30 * 86_400_000]) * random.pick([1, -1]);
        faults.jumpClock(node, ms, drawSpan(random, within, [1000, 80_000]));
      }
    }
    busyClients(stage, {
      clients: 20,
      acts: { change: 3, bounce: 3, leave: 1, die: 1 },
      actEveryMs: 12_000,
      untilMs: actsMs,
    });
  },
};
