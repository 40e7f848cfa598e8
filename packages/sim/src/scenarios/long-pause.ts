import type { Scenario } from '../scenario.js';

const leaseMs = 15_000;
const pauseMs = { fromMs: 20_000, toMs: 20_000 + 3 * leaseMs };
const actsMs = pauseMs.toMs + 2000;

/**
 * One node is held up for three leases while all clients keep theirs alive at the others, or at the one that is held up and
 * knows nothing else. Nothing is lost anywhere, and two seconds after its return it equals the others.
 */
export const longPause: Scenario = {
  name: 'long-pause',
  about: 'a node held up for three leases: nothing lost anywhere, equal again within two seconds',
  leaseMs,
  actsMs,
  convergeMs: 100,
  forbid: ['expired', 'hidden'],
  mustSee: { registered: 30 },
  play(stage) {
    const { random, faults } = stage;
    const held = random.pick(stage.nodes);
    faults.pause(held, pauseMs, random.pick(['timers-first', 'messages-first'] as const));
    for (let index = 0; index < 30; index += 1) {
      const client = stage.client({ name: `inst-${index}`, routing: 'moving' });
      stage.at(random.between(0, 5000), () => client.register());
      // What changes meanwhile is what it has to catch up with.
      if (index % 3 === 0)
        stage.at(random.between(25_000, 50_000), () => client.register({ status: 'down' }));
      if (index % 7 === 0) stage.at(random.between(51_000, 60_000), () => client.unregister());
    }
  },
};
