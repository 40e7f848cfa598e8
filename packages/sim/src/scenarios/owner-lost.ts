import type { Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';

const leaseMs = 10_000;
const orphanGraceMs = 20_000;
const orphanRetentionMs = 45_000;
const lostMs = 15_000;
const returnMs = lostMs + leaseMs + orphanRetentionMs + 15_000;
const slackMs = 1500;
const orphans = 12;

/**
 * A node is killed together with all its clients. On the others their instances are doubted when the lease ends, hidden
 * after the grace and gone after the retention; those of other nodes are never doubted. When the node comes back with its
 * disk it brings nothing back.
 */
export const ownerLost: Scenario = {
  name: 'owner-lost',
  about: 'a node and its clients are killed: unconfirmed, hidden after the grace, gone after the retention',
  leaseMs,
  actsMs: returnMs + 5000,
  convergeMs: 9000,
  config: {
    lease: { orphanGraceMs, orphanRetentionMs, cleanupIntervalMs: 5000 },
    replication: { tombstoneRetentionMs: 2 * orphanRetentionMs },
  },
  mustSee: { unconfirmed: orphans, hidden: orphans, expired: orphans },
  play(stage) {
    const { random, faults, nodes } = stage;
    const owner = random.pick(nodes);
    const others = nodes.filter((node) => node !== owner);
    faults.crash(owner, { fromMs: lostMs, toMs: returnMs }, random.pick(['kept', 'lost'] as const));
    for (let index = 0; index < orphans; index += 1) {
      const client = stage.client({ name: `orphan-${index}`, home: nodes.indexOf(owner) });
      stage.at(random.between(0, 5000), () => client.register());
      stage.at(lostMs, () => client.die());
    }
    for (let index = 0; index < 10; index += 1) {
      const client = stage.client({ name: `other-${index}`, home: nodes.indexOf(random.pick(others)) });
      stage.at(random.between(0, 5000), () => client.register());
    }
    return watchOrphans(stage);
  },
};

/** When the last heartbeat was, at the latest, and at the earliest. */
const [soonestMs, latestMs] = [lostMs + (2 / 3) * leaseMs, lostMs + leaseMs];

/** What every ready node must show at a time. */
const shown: readonly (readonly [number, 'listed' | 'unconfirmed' | 'hidden' | 'gone'])[] = [
  [soonestMs - 100, 'listed'],
  [latestMs + slackMs, 'unconfirmed'],
  [soonestMs + orphanGraceMs - 100, 'unconfirmed'],
  [latestMs + orphanGraceMs + slackMs, 'hidden'],
  [soonestMs + orphanRetentionMs - 100, 'hidden'],
  [latestMs + orphanRetentionMs + slackMs, 'gone'],
  [returnMs + 4000, 'gone'],
];

function watchOrphans(stage: Stage): () => string | undefined {
  let wrong: string | undefined;
  for (const [atMs, expected] of shown) {
    stage.at(atMs, () => {
      for (const { id, node, table } of stage.nodes.filter(({ ready }) => ready)) {
        const { service } = node.state.discovery.service({ service_id: 'service-1' }).response;
        const listed = (service?.instances ?? []).map(({ instance_id: name, unconfirmed }) => ({
          name,
          unconfirmed,
        }));
        for (const { key, dead } of stage.clients) {
          const name = key.split('\u001f').at(-1) ?? '';
          const found = listed.find((one) => one.name === name);
          const kept = table.get(key)?.state === 'alive' ? 'hidden' : 'gone';
          const is = found === undefined ? kept : found.unconfirmed === true ? 'unconfirmed' : 'listed';
          const must = dead ? expected : 'listed';
          // The owner keeps hidden for a lease what it brought back and nobody confirms.
          const isHeldBack = atMs > returnMs && is === 'hidden';
          if (is !== must && !isHeldBack) wrong ??= `${name} is ${is} at ${id} after ${atMs} ms, not ${must}`;
        }
      }
    });
  }
  return () => wrong;
}
