import type { PeerRequest } from '@artemis/core';
import { stampWallMs } from '@artemis/core';
import { intercept, isRoute, taken } from '../interception.js';
import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const actsMs = 60_000;
/** A copy of what is younger is the first one; later ones are repairs. */
const freshMs = 900;

/**
 * Every node says that it took what others send it at once, and drops it: outboxes are of no use. Only comparing tables can
 * bring the news around, within the interval of comparisons, the settling time and a few round trips.
 */
export const silentLoss: Scenario = {
  name: 'silent-loss',
  about: 'nodes drop what they are sent and say that they took it: comparing tables alone finds out',
  leaseMs: 60_000,
  actsMs,
  convergeMs: 10_000,
  forbid: ['expired'],
  mustSee: { registered: 60, unregistered: 10 },
  play(stage) {
    let dropped = 0;
    for (const node of stage.nodes) {
      intercept(node, (request) => {
        const isNews =
          isRoute(request, 'replicaRegister', 'replicaUnregister') && isFresh(request, stage.nowWallMs);
        if (!isNews) return undefined;
        dropped += 1;
        return taken;
      });
    }
    busyClients(stage, {
      clients: 30,
      routings: ['sticky'],
      acts: { change: 2, leave: 1 },
      actEveryMs: 15_000,
      untilMs: actsMs - 5000,
    });
    return () => (dropped > 50 ? undefined : `only ${dropped} requests were dropped`);
  },
};

type Item = {
  readonly version?: readonly [number];
  readonly replica?: { readonly version: readonly [number] };
};

function isFresh({ body }: PeerRequest, nowWallMs: number): boolean {
  const { instances, instance_keys: keys } = body as Partial<Record<string, Item[]>>;
  const items = instances ?? keys ?? [];
  const stamps = items.map(({ version, replica }) => (version ?? replica?.version ?? [0])[0]);
  return Math.max(...stamps.map((stamp) => stampWallMs(stamp))) > nowWallMs - freshMs;
}
