import type { Scenario } from '../scenario.js';

const leaseMs = 20_000;
const cutAtMs = 10_000;
const actsMs = cutAtMs + 2 * leaseMs;

/**
 * Clients keep their leases alive at a node that can no longer deliver to the owner: it takes over, so that the owner's
 * expiry, which it cannot refute in time, does not count. Half of the clients spray their heartbeats, so that the
 * ownership goes to and fro during the cut.
 */
export const takeOver: Scenario = {
  name: 'take-over',
  about: 'the owner cannot be delivered to: the node that has the client takes over',
  leaseMs,
  actsMs,
  convergeMs: 12_000,
  config: { cluster: { healthCheckIntervalMs: 2000 } },
  mustSee: { moved: 10 },
  play(stage) {
    const [owner, home] = stage.drawPair();
    const span = { fromMs: cutAtMs, toMs: actsMs };
    if (stage.random.chance(0.5)) stage.faults.cutBothWays([owner, home], span);
    else stage.faults.cut(stage.random.chance(0.5) ? [owner, home] : [home, owner], span);
    for (let index = 0; index < 16; index += 1) {
      const client = stage.client({
        name: `inst-${index}`,
        home: stage.nodes.indexOf(home),
        routing: index % 2 === 0 ? 'sticky' : 'sprayed',
      });
      stage.at(stage.random.between(0, 5000), () => client.register({}, owner));
      if (index % 4 === 0) stage.at(stage.random.between(cutAtMs, actsMs), () => client.die());
    }
  },
};
