import type { Scenario } from '../scenario.js';

const leaseMs = 10_000;
const orphanRetentionMs = 20_000;
const tombstoneRetentionMs = 2 * orphanRetentionMs;
const awayMs = { fromMs: 10_000, toMs: 10_000 + tombstoneRetentionMs + 45_000 };

/**
 * A node is away for so long that the others have forgotten the removal of instances which it still holds: on its disk, or
 * in memory, because it was cut off or held up. It must not bring them back, and keeps those that are confirmed.
 */
export const staleDonor: Scenario = {
  name: 'stale-donor',
  about: 'a node is away until the others forget removals: it does not bring the removed back',
  leaseMs,
  actsMs: awayMs.toMs,
  convergeMs: 9000,
  config: {
    lease: { orphanGraceMs: 10_000, orphanRetentionMs, cleanupIntervalMs: 2000 },
    replication: { tombstoneRetentionMs },
  },
  mustSee: { registered: 30, unregistered: 15 },
  play(stage) {
    const { random, faults, nodes } = stage;
    const away = random.pick(nodes);
    const others = nodes.filter((node) => node !== away);
    const how = random.pick(['crash', 'pause', 'cut'] as const);
    if (how === 'crash') faults.crash(away, awayMs);
    if (how === 'pause') faults.pause(away, awayMs, random.pick(['timers-first', 'messages-first'] as const));
    if (how === 'cut') faults.part([away], others, awayMs);
    for (let index = 0; index < 30; index += 1) {
      const client = stage.client({ name: `inst-${index}`, home: nodes.indexOf(random.pick(others)) });
      stage.at(random.between(0, 5000), () => client.register({}, random.pick(nodes)));
      if (index % 2 === 0) stage.at(random.between(12_000, 30_000), () => client.unregister());
    }
  },
};
