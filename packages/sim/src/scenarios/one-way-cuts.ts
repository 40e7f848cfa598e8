import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const leaseMs = 30_000;
const firstMs = 5000;
const cutMs = 2 * leaseMs + 2000;
const pauseMs = 10_000;
const actsMs = firstMs + 2 * cutMs + pauseMs;

/**
 * One direction between two nodes is cut for more than two leases, then the other, while every client stays with the
 * node that owns its instance. Only owners expire, so nothing may expire, move or be refuted anywhere; what changed
 * meanwhile arrives when the cut ends: within a probe interval, a time-out and a second chance.
 */
export const oneWayCuts: Scenario = {
  name: 'one-way-cuts',
  about: 'each direction between two nodes cut for two leases: everything stays listed everywhere',
  leaseMs,
  actsMs,
  convergeMs: 15_000,
  forbid: ['expired', 'moved', 'refuted'],
  mustSee: { registered: 20, unregistered: 2 },
  play(stage) {
    const [from, to] = stage.drawPair();
    stage.faults.cut([from, to], { fromMs: firstMs, toMs: firstMs + cutMs });
    stage.faults.cut([to, from], { fromMs: firstMs + cutMs + pauseMs, toMs: actsMs });
    busyClients(stage, {
      clients: 20,
      routings: ['sticky'],
      acts: { change: 2, bounce: 1, leave: 1 },
      actEveryMs: 40_000,
      untilMs: actsMs,
    });
  },
};
