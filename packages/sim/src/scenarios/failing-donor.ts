import { anInstance } from '@artemis/core/testing';
import { drawSpan } from '../faults.js';
import { isRoute, trouble } from '../interception.js';
import type { Scenario } from '../scenario.js';

const records = 12_000;
const crashMs = { fromMs: 5000, toMs: 8000 };
const actsMs = 40_000;

/**
 * A node starts empty and takes the table of thousands from another one page by page, and that one fails it in the middle:
 * it answers nonsense, hangs, or is killed. The node goes on with another one, and has all before it is ready.
 */
export const failingDonor: Scenario = {
  name: 'failing-donor',
  about: 'an empty node fills itself from others that fail in the middle: it is full before it is ready',
  leaseMs: 60_000,
  actsMs,
  convergeMs: 10_000,
  play(stage) {
    const { random, faults, nodes } = stage;
    const empty = random.pick(nodes);
    const donors = nodes.filter((node) => node !== empty);
    for (const [index, node] of donors.entries()) {
      const instances = Array.from({ length: Math.ceil(records / donors.length) }, (_, number) =>
        anInstance({
          service_id: `bulk-${number % 50}`,
          instance_id: `${index}.${number}`,
          lease_ttl_secs: 600,
        }),
      );
      stage.at(500, () => void node.node.state.registry.register(instances));
    }
    faults.crash(empty, crashMs, 'lost');
    let pages = 0;
    const failAfter = random.int(1, 2);
    const how = random.pick(['answers 500', 'hangs', 'dies'] as const);
    // The first one that is asked, whichever that is.
    let failing: string | undefined;
    for (const donor of donors) {
      donor.wrap((endpoint) => (request) => {
        if (!isRoute(request, 'replicaRecords') || stage.nowMs < crashMs.toMs) return endpoint(request);
        failing ??= donor.id;
        if (failing !== donor.id) return endpoint(request);
        pages += 1;
        if (pages <= failAfter) return endpoint(request);
        if (how === 'answers 500') return Promise.resolve(trouble);
        if (how === 'dies') donor.crash('kept');
        return new Promise(() => undefined);
      });
      // Whoever died starts again, and does its duty from then on.
      stage.at(actsMs - 15_000, () => donor.restart());
    }
    const other = drawSpan(random, { fromMs: crashMs.toMs, toMs: actsMs }, [100, 2000]);
    if (donors.length > 2) faults.pause(random.pick(donors), other);
    let full: string | undefined = `${empty.id} never became ready`;
    for (let atMs = crashMs.toMs; atMs < actsMs - 15_000; atMs += 50) {
      stage.at(atMs, () => {
        if (!empty.ready || full === undefined) return;
        const count = empty.table.live().length;
        full = count >= records ? undefined : `${empty.id} is ready with ${count} of ${records}`;
      });
    }
    return () => full ?? (pages > failAfter ? undefined : `no donor failed: ${pages} pages`);
  },
};
