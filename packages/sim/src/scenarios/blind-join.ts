import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const crashMs = { fromMs: 20_000, toMs: 22_000 };
const cutMs = { fromMs: 19_000, toMs: 45_000 };
const actsMs = 60_000;

/**
 * Two nodes lose their disks and start together; one of them is out of reach of everybody but the other, which takes its
 * time. What that one tells before it has caught up itself is worth nothing: the first is not ready until it has.
 */
export const blindJoin: Scenario = {
  name: 'blind-join',
  about: 'an empty node reaches nobody but another empty one: it is not ready before that one is',
  nodes: [3, 3],
  leaseMs: 30_000,
  actsMs,
  convergeMs: 10_000,
  forbid: ['expired', 'hidden'],
  mustSee: { registered: 30 },
  play(stage) {
    const { random, faults } = stage;
    const [first, second] = stage.drawPair();
    const third = stage.nodes.filter((node) => node !== first && node !== second);
    faults.crash(first, crashMs, 'lost');
    faults.crash(second, crashMs, 'lost');
    faults.part([first], third, cutMs);
    const slow = { delayMs: [200, 400] } as const;
    for (const full of third) {
      faults.disturb([full, second], slow, cutMs);
      faults.disturb([second, full], slow, cutMs);
    }
    busyClients(stage, {
      clients: 30,
      routings: ['moving'],
      homes: third,
      acts: { change: 1 },
      actEveryMs: random.int(15_000, 30_000),
      untilMs: actsMs,
    });
  },
};
