import type { Change, PeerRequest, PeerResponse } from '@artemis/core';
import { apiRoutes } from '@artemis/core';
import { anAliveRecord, type SimEndpoint } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import type { CheckerName } from '../src/checkers/index.js';
import { versionsForward } from '../src/checkers/versions-forward.js';
import { clientPath } from '../src/client-endpoint.js';
import type { SimNode } from '../src/sim-node.js';
import { run, scenarios } from '../src/index.js';
import { failureOf, replayCommand } from '../src/report.js';
import type { Scenario } from '../src/scenario.js';
import type { Stage } from '../src/stage.js';

const taken: PeerResponse = {
  status: 200,
  headers: {},
  body: { response_status: { error_code: 'success' } },
};
const refused: PeerResponse = { status: 500, headers: {}, body: undefined };
const seed = 3;

function named(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${name}`);
  return found;
}

/** What node 2 does with a request for one of these paths. */
function atNode2(
  stage: Stage,
  paths: readonly string[],
  answer: (request: PeerRequest, endpoint: SimEndpoint) => ReturnType<SimEndpoint>,
): void {
  stage
    .node(1)
    .wrap(
      (endpoint) => (request) =>
        paths.includes(request.path) ? answer(request, endpoint) : endpoint(request),
    );
}

/** The request with one text in its body in place of another. */
function rewritten(request: PeerRequest, from: string | RegExp, to: string): PeerRequest {
  return { ...request, body: JSON.parse(JSON.stringify(request.body).replaceAll(from, to)) as unknown };
}

const replicaRegister = `${apiRoutes.replicaRegister.path}.json`;
const replicaUnregister = `${apiRoutes.replicaUnregister.path}.json`;
const replicaDigest = `${apiRoutes.replicaDigest.path}.json`;
const probe = `${apiRoutes.node.path}.json`;

/** A way to break the cluster, and the scenario in which the checker must see it. */
interface Sabotage {
  readonly by: string;
  readonly scenario: string;
  readonly act: (stage: Stage) => void;
}

/** What needs more than an endpoint that misbehaves is shown by the planted bugs. */
type ByPlantedBugs = 'durable' | 'watchers' | 'ready-knows' | 'heals';

const sabotages: Record<Exclude<CheckerName, ByPlantedBugs | 'versions-forward' | 'vacuous'>, Sabotage> = {
  'one-content': {
    by: 'a node that changes what it is sent',
    scenario: 'plain',
    act: (stage) =>
      atNode2(stage, [replicaRegister], (request, next) => next(rewritten(request, '"up"', '"down"'))),
  },
  'kept-alive': {
    by: 'a node that acknowledges heartbeats and does not take them',
    scenario: 'plain',
    act: (stage) => atNode2(stage, [clientPath('heartbeat')], async () => taken),
  },
  'gone-stays-gone': {
    by: 'a proxy that repeats a registration after the unregister',
    scenario: 'plain',
    act: (stage) => {
      const registrations = new Map<unknown, PeerRequest>();
      atNode2(stage, [clientPath('register'), clientPath('unregister')], async (request, next) => {
        const { instances, instance_keys: keys } = request.body as Record<string, { instance_id: string }[]>;
        if (instances !== undefined) registrations.set(instances[0]?.instance_id, request);
        const earlier = registrations.get(keys?.[0]?.instance_id);
        if (earlier !== undefined) stage.at(stage.nowMs + 20, () => void next(earlier));
        return next(request);
      });
    },
  },
  'dead-are-removed': {
    by: 'somebody who sends heartbeats for the dead',
    scenario: 'plain',
    act: (stage) => {
      for (let atMs = 0; atMs < 80_000; atMs += 2000) {
        stage.at(atMs, () => {
          const { table, node } = stage.node(1);
          const dead = table
            .live()
            .filter(({ key }) => stage.clients.some((one) => one.key === key && one.dead));
          if (dead.length > 0) node.state.registry.heartbeat(dead.map(({ instanceKey }) => instanceKey));
        });
      }
    },
  },
  'only-owner-expires': {
    by: 'a node that believes to own what it is sent',
    scenario: 'lossy',
    act: (stage) =>
      atNode2(stage, [replicaRegister], (request, next) =>
        next(rewritten(request, /"node1"\]/g, '"node2"]')),
      ),
  },
  'bounded-queues': {
    by: 'outboxes larger than they may be',
    scenario: 'overflow',
    act: (stage) => {
      for (const { config } of stage.nodes) Object.assign(config.replication, { outboxLimit: 10 });
    },
  },
  'steady-versions': {
    by: 'a node that answers no probes, so that others think it cannot be told',
    scenario: 'sprayed',
    act: (stage) => atNode2(stage, [probe], async () => ({ ...taken, status: 500 })),
  },
  'message-budget': {
    by: 'a node that passes on what it is sent',
    scenario: 'plain',
    act: (stage) => {
      const [, echoing, other] = stage.nodes;
      const transport = stage.cluster.network.transport(echoing?.url ?? '');
      atNode2(stage, [replicaRegister], async (request, next) => {
        void transport.call(other?.url ?? '', {
          ...request,
          headers: { ...request.headers, 'x-artemis-node': 'node2' },
        });
        return next(request);
      });
    },
  },
  'no-floods': {
    by: 'a node that asks another one without a rest',
    scenario: 'lossy',
    act: (stage) => {
      const [asking, asked] = stage.nodes;
      const transport = stage.cluster.network.transport(asking?.url ?? '');
      const headers = { 'x-artemis-node': asking?.id ?? '' };
      for (let atMs = 10_000; atMs < 15_000; atMs += 10) {
        const request = { method: 'GET', path: probe, headers, timeoutMs: 1000 } as const;
        stage.at(atMs, () => void transport.call(asked?.url ?? '', request).catch(() => undefined));
      }
    },
  },
  'prompt-copies': {
    by: 'a slow link',
    scenario: 'plain',
    act: (stage) =>
      stage.cluster.network.setLinkFaults(stage.node(0).url, stage.node(1).url, { delayMs: [150, 200] }),
  },
  'sane-stamps': {
    by: 'a node whose clock runs ahead of its own wall clock',
    scenario: 'plain',
    act: (stage) =>
      atNode2(stage, [probe, replicaRegister], async (request, next) => {
        const answer = await next(request);
        const clock = String(Number(answer.headers['x-artemis-clock']) + 30_000 * 1024);
        return { ...answer, headers: { ...answer.headers, 'x-artemis-clock': clock } };
      }),
  },
  'true-answers': {
    by: 'a node that registers something else than its clients sent',
    scenario: 'plain',
    act: (stage) =>
      atNode2(stage, [clientPath('register')], (request, next) => next(rewritten(request, '"up"', '"down"'))),
  },
  converges: {
    by: 'a node that acknowledges removals and does not take them, where nobody compares tables',
    scenario: 'lossy',
    act(stage) {
      atNode2(stage, [replicaUnregister], async () => taken);
      const refuses = (endpoint: SimEndpoint) => (request: PeerRequest) =>
        request.path === replicaDigest ? Promise.resolve(refused) : endpoint(request);
      for (const node of stage.nodes) node.wrap(refuses);
    },
  },
  defect: {
    by: 'a defect that throws',
    scenario: 'plain',
    act: (stage) => atNode2(stage, [replicaRegister], () => Promise.reject(new Error('a defect'))),
  },
  scenario: {
    by: 'something that a scenario rules out',
    scenario: 'sprayed',
    act: (stage) => stage.at(10_000, () => stage.clients[0]?.unregister()),
  },
};

describe('Every checker sees what it is for:', () => {
  const rows = Object.entries(sabotages).map(([checker, { by, ...rest }]) => [checker, by, rest] as const);
  it.each(rows)('%s sees %s', async (checker, _by, { scenario, act }) => {
    const report = await run(named(scenario), { seed, nodes: 3, sabotage: act });
    expect(report.violations.map((violation) => violation.checker)).toContain(checker);
    expect(failureOf(report)).toContain(replayCommand(report));
    // Without the sabotage it is quiet.
    expect((await run(named(scenario), { seed, nodes: 3 })).violations).toEqual([]);
  });

  it('versions-forward sees a table that goes back', () => {
    const violations: string[] = [];
    const context = { nowMs: () => 0, violate: (message: string) => violations.push(message) };
    const checker = versionsForward(context as unknown as Parameters<typeof versionsForward>[0]);
    for (const stamp of [5, 7, 7, 6]) {
      const record = anAliveRecord({ version: { stamp } });
      const change = { record, previous: record, origin: 'local' } as unknown as Change;
      checker.onChange?.({ id: 'node1', run: 1 } as unknown as SimNode, change);
    }
    expect(violations).toHaveLength(2);
  });

  it('vacuous sees a run that showed nothing of what it is for', async () => {
    const report = await run({ ...named('plain'), mustSee: { refuted: 1 } }, { seed });
    expect(report.violations.map(({ checker }) => checker)).toEqual(['vacuous']);
  });
});
