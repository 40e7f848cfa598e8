import type { Scenario } from '../scenario.js';

const leaseMs = 10_000;
const orphanGraceMs = 20_000;
const cutMs = { fromMs: 10_000, toMs: 10_000 + 3 * orphanGraceMs };

/**
 * Two nodes cannot hear each other for three times the grace of orphans, while a third one hears both. They ask it for the
 * ages of the leases that they hear nothing of: all three list everything, and nothing is doubted.
 */
export const thirdHears: Scenario = {
  name: 'third-hears',
  about: 'two nodes cut from each other, a third one hears both: nothing is doubted anywhere',
  nodes: [3, 4],
  leaseMs,
  actsMs: cutMs.toMs,
  convergeMs: 9000,
  config: {
    lease: { orphanGraceMs, orphanRetentionMs: 60_000 },
    replication: { tombstoneRetentionMs: 120_000 },
  },
  forbid: ['expired', 'unconfirmed', 'hidden', 'moved', 'refuted'],
  mustSee: { registered: 20 },
  play(stage) {
    const [a, b] = stage.drawPair();
    stage.faults.cutBothWays([a, b], cutMs);
    for (let index = 0; index < 20; index += 1) {
      const client = stage.client({ name: `inst-${index}` });
      // All before the cut: what is registered during it a node beyond the cut cannot know before it ends.
      stage.at(stage.random.between(0, 5000), () => client.register());
    }
  },
};
