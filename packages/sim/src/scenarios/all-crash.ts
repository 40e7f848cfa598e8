import type { SimClient } from '../client.js';
import type { Scenario } from '../scenario.js';

const clients = 60;
const crashMs = 20_000;
const actsMs = 40_000;

/**
 * All nodes are killed at one instant, amid registrations, and start again. Clients are silent from shortly before, so that
 * only the disks can bring their instances back: all that were acknowledged, and none that was removed.
 */
export const allCrash: Scenario = {
  name: 'all-crash',
  about: 'all nodes killed at once: every acknowledged registration is back, from the disks alone',
  leaseMs: 60_000,
  actsMs,
  convergeMs: 10_000,
  forbid: ['expired'],
  mustSee: { registered: clients, unregistered: 2 },
  play(stage) {
    const { random, faults, nodes } = stage;
    for (const node of nodes) {
      faults.crash(node, { fromMs: crashMs, toMs: crashMs + random.int(500, 10_000) });
    }
    for (let index = 0; index < clients; index += 1) {
      // The second heartbeat would come long after the crash.
      const client = stage.client({
        name: `inst-${index}`,
        heartbeatMs: [50_000, 55_000],
        routing: 'moving',
      });
      const atMs = random.between(0, crashMs + 100);
      stage.at(atMs, () => client.register());
      if (random.chance(0.2)) stage.at(random.between(atMs, crashMs + 100), () => client.unregister());
    }
    const acknowledged = new Set<SimClient>();
    stage.at(crashMs - 1, () => {
      for (const client of stage.clients) if (client.wanted && client.idle) acknowledged.add(client);
    });
    stage.at(actsMs, () => {
      for (const { table, id } of nodes) {
        // Some unregister once there is somebody who answers.
        const wanted = [...acknowledged].filter((client) => client.wanted);
        const missing = wanted.filter(({ key }) => table.get(key)?.state !== 'alive');
        lost.push(...missing.map(({ key }) => `${id} lost ${key}`));
      }
    });
    const lost: string[] = [];
    return () => lost[0] ?? (acknowledged.size > 20 ? undefined : `only ${acknowledged.size} to come back`);
  },
};
