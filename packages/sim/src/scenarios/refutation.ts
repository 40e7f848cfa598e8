import type { Scenario, Verdict } from '../scenario.js';
import type { SimNode } from '../sim-node.js';
import type { Stage } from '../stage.js';

const leaseMs = 10_000;
const actsMs = 90_000;
const batchIntervalMs = 1000;
/** Longer than a round trip and what may be in flight before it, shorter than the wait of renewals. */
const blinkMs = 50;

/**
 * Clients register at one node, the owner, and send each heartbeat to another, a moment before the lease ends. The news
 * of the renewal waits a second for its batch and races with the expiry by the owner; where the expiry wins, the node that has the client refutes it. There
 * the instance never goes away.
 */
export const refutation: Scenario = {
  name: 'refutation',
  about: 'renewal at one node races with expiry at the owner: refuted where the client is',
  leaseMs,
  actsMs,
  convergeMs: 5000,
  config: { replication: { batchIntervalMs } },
  mustSee: { refuted: 3, expired: 3 },
  play(stage) {
    const [owner, home] = stage.drawPair();
    for (let index = 0; index < 12; index += 1) {
      const client = stage.client({
        name: `inst-${index}`,
        home: stage.nodes.indexOf(home),
        heartbeatMs: [leaseMs - 1800, leaseMs - 50],
      });
      // The node that refuted is the owner from then on: registered anew, the race begins again.
      for (let atMs = stage.random.between(0, 5000); atMs < actsMs; atMs += 25_000) {
        stage.at(atMs, () => client.register({}, owner));
      }
    }
    const bystanders = stage.nodes.filter((node) => node !== owner && node !== home);
    return watchBlinks(stage, bystanders);
  },
};

/** Where neither the owner nor the client is, an instance may be away for a round trip. */
function watchBlinks(stage: Stage, nodes: readonly SimNode[]): Verdict {
  const awaySince = new Map<string, number>();
  let longestMs = 0;
  for (const { id, node } of nodes) {
    node.changes.subscribe(({ record, reason }) => {
      const name = `${id} ${record.key}`;
      if (reason === 'expired') awaySince.set(name, stage.nowMs);
      else longestMs = Math.max(longestMs, stage.nowMs - (awaySince.get(name) ?? stage.nowMs));
      if (record.state === 'alive') awaySince.delete(name);
    });
  }
  return () =>
    longestMs < blinkMs ? undefined : `an instance was away for ${longestMs} ms from a third node`;
}
