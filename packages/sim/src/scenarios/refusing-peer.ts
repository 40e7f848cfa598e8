import type { PeerResponse } from '@artemis/core';
import { apiRoutes, TransportError } from '@artemis/core';
import type { SeededRandom, SimEndpoint } from '@artemis/core/testing';
import { drawSpan } from '../faults.js';
import type { Scenario } from '../scenario.js';
import type { SimNode } from '../sim-node.js';
import type { Stage } from '../stage.js';
import { busyClients } from '../workload.js';

const actsMs = 90_000;
const promptMs = 100;
/** Tries of one sender in a second: a first one, its repetitions, and another round after the rest. */
const mostTries = 10;

/**
 * One node answers probes and takes nothing that is replicated to it: it hangs, breaks the connection, answers 500, 503
 * or 429, or something that is no JSON. The others are as fast as ever among themselves, and it is brought up to date
 * once it takes requests again: after a time-out (5 s) and the rest that it is given (5 s, or as it asked for).
 */
export const refusingPeer: Scenario = {
  name: 'refusing-peer',
  about:
    'a node answers probes and takes no replication: the others are as fast as ever, later it catches up',
  leaseMs: 30_000,
  actsMs,
  convergeMs: 15_000,
  mustSee: { registered: 50, unregistered: 5 },
  play(stage) {
    const refusing = stage.random.pick(stage.nodes);
    const tries = new Map<string, number>();
    let refusal: SimEndpoint | undefined;
    refusing.wrap((endpoint) => (request) => {
      const isReplication = request.path.startsWith(apiRoutes.replicaServices.path.replace(/[^/]*$/, ''));
      if (!isReplication || refusal === undefined) return endpoint(request);
      const second = `${request.headers['x-artemis-node']} in second ${Math.floor(stage.nowMs / 1000)}`;
      tries.set(second, (tries.get(second) ?? 0) + 1);
      return refusal(request);
    });
    for (let third = 0; third < 3; third += 1) {
      const within = { fromMs: 3000 + third * 29_000, toMs: 32_000 + third * 29_000 };
      const [name, endpoint] = drawRefusal(stage.random);
      stage.faults.during(drawSpan(stage.random, within, [5000, 29_000]), {
        kind: 'refusal',
        what: `${refusing.id} answers ${name}`,
        on: refusing,
        begin: () => (refusal = endpoint),
        end: () => (refusal = undefined),
      });
    }
    busyClients(stage, {
      clients: 25,
      acts: { change: 3, bounce: 2, leave: 1, die: 1 },
      actEveryMs: 12_000,
      untilMs: actsMs,
    });
    const late = watchCopies(
      stage,
      stage.nodes.filter((node) => node !== refusing),
    );
    return () => {
      const hasty = [...tries].find(([, count]) => count > mostTries);
      return hasty === undefined ? late[0] : `${hasty[1]} tries of ${hasty[0]}: it does not back off`;
    };
  },
};

function drawRefusal(random: SeededRandom): readonly [string, SimEndpoint] {
  const status = (code: number, headers = {}): SimEndpoint => {
    const answer: PeerResponse = { status: code, headers, body: undefined };
    return () => Promise.resolve(answer);
  };
  const json = { 'content-type': 'application/json' };
  return random.pick([
    ['not at all', () => new Promise<never>(() => undefined)],
    ['with a reset', () => Promise.reject(new TransportError('reset', 'the connection was reset'))],
    ['500', status(500)],
    ['503', status(503, { 'retry-after': '2' })],
    ['429', status(429, { 'retry-after': '1' })],
    ['garbage', () => Promise.resolve({ status: 200, headers: json, text: '<html>' })],
  ] as const);
}

/** Collects what tells that a registration or removal of one of these nodes was not soon on all of them. */
function watchCopies(stage: Stage, nodes: readonly SimNode[]): readonly string[] {
  const late: string[] = [];
  for (const { id, node } of nodes) {
    node.changes.subscribe(({ record: { key, version }, origin, reason }) => {
      if (origin !== 'local' || reason === 'moved') return;
      stage.at(stage.nowMs + promptMs, () => {
        const behind = nodes.filter(({ table }) => (table.get(key)?.version.stamp ?? 0) < version.stamp);
        late.push(...behind.map((other) => `${reason} of ${id} not at ${other.id} within ${promptMs} ms`));
      });
    });
  }
  return late;
}
