import { stampWallMs } from '@artemis/core';
import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const actsMs = 60_000;

/** Clients claim in `X-Artemis-Clock` to live next year. It is clipped: every peer still takes what the node stamps. */
export const hostileClock: Scenario = {
  name: 'hostile-clock',
  about: 'clients whose clock is of next year: clipped, and no peer refuses anything',
  leaseMs: 15_000,
  actsMs,
  convergeMs: 1000,
  maxSkewMs: 20_000,
  faultFree: true,
  mustSee: { registered: 30 },
  play(stage) {
    let furthestMs = 0;
    for (const { node } of stage.nodes) {
      node.changes.subscribe(({ record, origin }) => {
        const fastestMs = Math.max(...stage.nodes.map(({ runtime }) => runtime.clock.wallMs()));
        if (origin === 'local')
          furthestMs = Math.max(furthestMs, stampWallMs(record.version.stamp) - fastestMs);
      });
    }
    for (let index = 0; index < 5; index += 1) {
      const client = stage.client({ name: `hostile-${index}`, routing: 'sprayed', clock: 'hostile' });
      for (let atMs = 100 * index; atMs < actsMs; atMs += 2500) stage.at(atMs, () => client.register());
    }
    busyClients(stage, { clients: 15, acts: { change: 3, bounce: 2 }, actEveryMs: 8000, untilMs: actsMs });
    return () => (furthestMs > 500 ? undefined : `no stamp was pushed further than ${furthestMs} ms`);
  },
};
