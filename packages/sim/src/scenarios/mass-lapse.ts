import type { Scenario } from '../scenario.js';

const leaseMs = 10_000;
const fallSilentMs = 20_000;
const maxDurationMs = 60_000;
const clients = 90;
/** What lapses before it is more than this allows expires as ever. */
const threshold = 0.85;
const endsMs = fallSilentMs + leaseMs + maxDurationMs;

/**
 * Half of a service falls silent at once. Expiry pauses: nearly all of them stay listed, doubted, until the longest duration
 * is over, or until they renew again; then it goes on by itself.
 */
export const massLapse: Scenario = {
  name: 'mass-lapse',
  about: 'half of a service falls silent: expiry pauses, visibly, and goes on by itself',
  leaseMs,
  actsMs: endsMs + 10_000,
  convergeMs: 5000,
  nodes: [3, 3],
  config: { selfPreservation: { enabled: true, threshold, maxDurationMs, windowMs: 30_000 } },
  mustSee: { registered: clients, unconfirmed: clients / 3 },
  play(stage) {
    const { random, nodes } = stage;
    const comeBack = random.chance(0.5);
    for (let index = 0; index < clients; index += 1) {
      const client = stage.client({ name: `inst-${index}`, service: 'crowd', home: index });
      stage.at(random.between(0, 5000), () => client.register());
      if (index % 2 === 0) continue;
      stage.at(fallSilentMs, () => client.die());
      if (comeBack) stage.at(endsMs - 30_000 + random.between(0, 1000), () => client.register());
    }
    let wrong: string | undefined;
    const alive = (): number[] =>
      nodes.map(({ table }) => stage.clients.filter(({ key }) => table.get(key)?.state === 'alive').length);
    const active = (): number =>
      nodes.filter(({ node }) => (node.state.leases.leases({}).self_preservation?.active.length ?? 0) > 0)
        .length;
    const note = (atMs: number, check: () => string | undefined): void =>
      stage.at(atMs, () => (wrong ??= check()));
    note(fallSilentMs + leaseMs + 5000, () => {
      const fewest = Math.min(...alive());
      if (fewest < clients * threshold) return `only ${fewest} of ${clients} are kept in self-preservation`;
      return active() === nodes.length ? undefined : `only ${active()} nodes say that expiry is paused`;
    });
    note(endsMs + 8000, () => {
      const most = Math.max(...alive());
      const expected = comeBack ? clients : clients / 2;
      if (most !== expected) return `${most} are kept after the end of self-preservation, not ${expected}`;
      return active() === 0 ? undefined : `${active()} nodes have not ended self-preservation`;
    });
    return () => wrong;
  },
};
