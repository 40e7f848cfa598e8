import type { Scenario } from '../scenario.js';

const clients = 20;
const actsMs = 60_000;

/**
 * Wall clocks up to 25 s apart, and clients that carry none: each write goes to another node than the one before, but
 * only after that has told the others. What a node has seen it writes after, so the last write counts all the same.
 */
export const clockless: Scenario = {
  name: 'clockless',
  about: 'clients without a clock write on nodes 25 s apart, after these have heard: the last write counts',
  leaseMs: 15_000,
  actsMs,
  convergeMs: 1000,
  maxSkewMs: 25_000,
  faultFree: true,
  forbid: ['expired', 'moved', 'refuted'],
  mustSee: { registered: 5 * clients, unregistered: clients },
  play(stage) {
    for (let index = 0; index < clients; index += 1) {
      const random = stage.random.fork(`client ${index}`);
      const client = stage.client({ name: `inst-${index}`, clock: 'none' });
      for (let atMs = random.between(0, 2000); atMs < actsMs; atMs += random.between(500, 6000)) {
        const node = random.pick(stage.nodes);
        const metadata = { at: String(Math.round(atMs)) };
        const leaves = random.chance(0.3);
        stage.at(atMs, () => (leaves ? client.unregister(node) : client.register({ metadata }, node)));
      }
    }
  },
};
