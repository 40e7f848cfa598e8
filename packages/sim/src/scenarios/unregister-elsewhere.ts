import type { Scenario } from '../scenario.js';

const clients = 30;
const actsMs = 30_000;

/**
 * A client registers at one node and unregisters at another before the copy arrives there, by clocks that are up to
 * 25 s apart. The client carries the clock from one to the other, so the unregister is the later one and wins.
 */
export const unregisterElsewhere: Scenario = {
  name: 'unregister-elsewhere',
  about: 'unregister on another node before the registration was copied there: gone everywhere',
  leaseMs: 30_000,
  actsMs,
  convergeMs: 2000,
  maxSkewMs: 25_000,
  forbid: ['expired', 'moved', 'refuted'],
  mustSee: { unregistered: clients },
  play(stage) {
    const slow = { delayMs: [100, 400] } as const;
    for (const pair of stage.cluster.pairs()) stage.faults.disturb(pair, slow, { fromMs: 0, toMs: actsMs });
    for (let index = 0; index < clients; index += 1) {
      const client = stage.client({ name: `inst-${index}` });
      const [here, there] = stage.drawPair();
      const atMs = stage.random.between(0, actsMs - 2000);
      const comesBack = stage.random.chance(0.3);
      stage.at(atMs, () => {
        client.register({}, here);
        client.unregister(there);
        if (comesBack) client.register({ metadata: { back: 'yes' } }, stage.random.pick(stage.nodes));
      });
    }
  },
};
