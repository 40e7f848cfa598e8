import { apiRoutes } from '@artemis/core';
import { anInstance } from '@artemis/core/testing';
import { beforeAll, expect } from '@jest/globals';
import { ArtemisCommand } from './harness/artemis-command.js';
import type { Child } from './harness/child.js';
import { eventually } from './harness/eventually.js';
import { startCluster, type NodeProcess } from './harness/node-process.js';
import { useStage } from './harness/stage.js';

const patience = { within: 60_000 };
const endMs = 30_000;

const stage = useStage();
const artemis = new ArtemisCommand(stage);
let node1: NodeProcess;
let node2: NodeProcess;
let node3: NodeProcess;

beforeAll(async () => {
  [node1, node2, node3] = (await startCluster(stage, 3, {
    cluster: { health_check_interval_ms: 500, probe_timeout_ms: 400 },
    server: { drain_timeout_secs: 5 },
  })) as [NodeProcess, NodeProcess, NodeProcess];
});

/** Waits until it has written that much, and answers it. */
function untilWritten(read: () => string, pattern: RegExp): Promise<string> {
  return eventually(() => {
    if (!pattern.test(read())) throw new Error(`nothing like ${pattern} in:\n${read()}`);
    return read();
  }, patience);
}

async function startWatch(nodes: readonly string[], ...args: string[]): Promise<Child> {
  const watching = artemis.start(nodes, ['watch', ...args]);
  await untilWritten(() => watching.stderr, /artemis: watching .* at \S+, \d+ instances? now\n/);
  return watching;
}

const order = (id: string) => anInstance({ service_id: 'orders', instance_id: id, lease_ttl_secs: 600 });

stage.test('shows on one node what is registered and removed on another', async () => {
  await node1.api.register([order('first')]);
  await eventually(async () => expect(await node3.api.idsOf('orders')).toEqual(['first']), patience);
  const watching = await startWatch([node3.address], 'orders');
  const all = await startWatch([node2.address], '--all', '--json');
  expect(
    (
      await artemis.run(
        [node1.address],
        'register',
        '--service',
        'orders',
        '--port',
        '9000',
        '--instance',
        'second',
      )
    ).code,
  ).toBe(0);
  await untilWritten(() => watching.stdout, /new +orders\/second +up +registered/);
  expect((await artemis.run([node1.address], 'unregister', 'orders', 'second')).code).toBe(0);
  const lines = (await untilWritten(() => watching.stdout, /delete.*\n/)).trimEnd().split('\n');
  const time = '^\\d\\d:\\d\\d:\\d\\d\\.\\d{3}  ';
  expect(lines).toEqual([
    expect.stringMatching(new RegExp(`${time}is +orders/first +up +${node3.address}`)),
    expect.stringMatching(new RegExp(`${time}new +orders/second +up +registered +${node3.address}`)),
    expect.stringMatching(new RegExp(`${time}delete +orders/second +- +unregistered +${node3.address}`)),
  ]);

  const told = (await untilWritten(() => all.stdout, /"unregistered".*\n/)).trimEnd().split('\n');
  expect(told.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { change_type: 'new', initial: true, instance: { instance_id: 'first' } },
    { change_type: 'new', reason: 'registered', instance: { instance_id: 'second' }, node: node2.address },
    { change_type: 'delete', reason: 'unregistered', instance: { instance_id: 'second' } },
  ]);
  for (const [child, signal] of [
    [watching, 'SIGINT'],
    [all, 'SIGTERM'],
  ] as const) {
    child.signal(signal);
    expect(await child.exitWithin(endMs)).toEqual({ code: 0, signal: null });
  }
});

/** How often a node has told somebody which nodes there are. */
async function timesListed(node: NodeProcess): Promise<number> {
  const route = apiRoutes.upRegistryNodes.path;
  return (await node.api.metrics()).sum('artemis_http_requests_total', { route, code: '200' });
}

stage.test('survives the loss of its node, and misses nothing', async () => {
  const before = await timesListed(node3);
  const watching = await startWatch([node3.address], '--all');
  // Whoever knows of one node only cannot look for another one.
  await eventually(async () => expect(await timesListed(node3)).toBeGreaterThan(before), patience);
  node3.signal('SIGKILL');
  await node3.exitWithin(endMs);
  await node1.api.register([order('while-away')]);
  await untilWritten(
    () => watching.stderr,
    /lost \S+ \(.*\), looks for another node\n(.*\n)*artemis: goes on at \S+\n/,
  );
  await node1.api.register([order('after')]);
  const text = await untilWritten(() => watching.stdout, /orders\/after/);
  const lines = text.trimEnd().split('\n');
  expect(lines.filter((line) => line.includes('orders/while-away'))).toHaveLength(1);
  expect(lines.filter((line) => line.includes('orders/after'))).toHaveLength(1);
  expect(lines.filter((line) => line.includes('orders/first'))).toHaveLength(1);
  watching.signal('SIGTERM');
  expect((await watching.exitWithin(endMs)).code).toBe(0);
});
