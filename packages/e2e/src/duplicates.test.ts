import { anInstance } from '@artemis/core/testing';
import { expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { NodeProcess } from './harness/node-process.js';
import { freePorts, host } from './harness/ports.js';
import { useStage } from './harness/stage.js';

const settings = { cluster: { health_check_interval_ms: 500, probe_timeout_ms: 500 } };
const stage = useStage();

async function duplicatesOf(node: NodeProcess): Promise<string[]> {
  const { peers } = await node.api.cluster();
  return peers.flatMap(({ address, duplicate }) => (duplicate === true ? [address] : [])).sort();
}

stage.test('two nodes with one node id say so and refuse each other; a third says so as well', async () => {
  const ports = await freePorts(3);
  const addresses = ports.map((port) => `${host}:${port}`);
  const nodes = ['same', 'same', 'third'].map((name, index) => {
    const peers = addresses.filter((_address, other) => other !== index);
    return new NodeProcess(stage, { name, port: ports[index] ?? 0, peers, settings });
  });
  const [first, second, third] = nodes as [NodeProcess, NodeProcess, NodeProcess];
  await Promise.all(nodes.map((node) => node.ready()));

  await eventually(async () => {
    expect(await duplicatesOf(first)).toEqual([second.address]);
    expect(await duplicatesOf(second)).toEqual([first.address]);
    expect(await duplicatesOf(third)).toEqual([first.address, second.address].sort());
  });
  const told = 'error Another node runs with the node id of this one, same, at';
  await eventually(() =>
    expect([first.log, second.log]).toEqual([1, 2].map(() => expect.stringContaining(told))),
  );
  await eventually(() => expect(third.log).toContain('error Several nodes run with the node id same, at'));

  const { run_id: run } = await second.api.status();
  const refused = await first.api.http.ask('POST', '/api/replication/registry/heartbeat.json', {
    json: { instance_keys: [] },
    headers: { 'X-Artemis-Replication': 'true', 'X-Artemis-Node': 'same', 'X-Artemis-Run': run },
  });
  expect(refused.status).toBe(403);

  await first.api.register([anInstance({ instance_id: 'of-the-first' })]);
  await eventually(async () => expect(await third.api.idsOf('test-service')).toContain('of-the-first'));
  await eventually(() => expect(first.log).toContain(`Successfully replicated register to ${third.address}`));
  expect(first.log).not.toContain(`Successfully replicated register to ${second.address}`);

  second.signal('SIGTERM');
  expect(await second.exitWithin(20_000)).toEqual({ code: 0, signal: null });
  for (const node of [first, third])
    await eventually(async () => expect(await duplicatesOf(node)).toEqual([]));
  await eventually(() =>
    expect(first.log).toContain('info  No second node runs with the node id same any more'),
  );
  // Once for the whole time.
  expect(first.log.split(told)).toHaveLength(2);
});
