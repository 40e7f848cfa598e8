import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { anInstance } from '@artemis/core/testing';
import { beforeAll, expect } from '@jest/globals';
import { ArtemisCommand } from './harness/artemis-command.js';
import { eventually } from './harness/eventually.js';
import { startCluster, type NodeProcess } from './harness/node-process.js';
import { freePort, host } from './harness/ports.js';
import { useStage } from './harness/stage.js';

const patience = { within: 30_000 };
const [ok, failure, nobody] = [0, 1, 3];

const stage = useStage();
const artemis = new ArtemisCommand(stage);
let node1: NodeProcess;
let node2: NodeProcess;
let node3: NodeProcess;

beforeAll(async () => {
  [node1, node2, node3] = (await startCluster(stage, 3, {
    cluster: { health_check_interval_ms: 500, probe_timeout_ms: 400 },
  })) as [NodeProcess, NodeProcess, NodeProcess];
});

const to = ({ address }: NodeProcess) => [address];

stage.test('registered at one node, seen and removed at others', async () => {
  const args = [
    'register',
    '--service',
    'orders',
    '--port',
    '9000',
    '--instance',
    'orders-1',
    '--metadata',
    'a=1',
  ];
  const registered = await artemis.run(to(node1), ...args, '--lease-ttl', '600');
  expect(registered).toMatchObject({ code: ok, err: '' });
  expect(registered.out[0]).toBe('Registered orders/orders-1 in local/zone1, 127.0.0.1:9000, up, at node1');
  expect(registered.out[1]).toMatch(
    /^Its lease ends in (10m|9m \d+s), at \d\d:\d\d:\d\d, unless heartbeats keep it alive/,
  );

  await eventually(async () => expect(await node3.api.idsOf('orders')).toEqual(['orders-1']), patience);
  const listed = await artemis.run(to(node3), 'instances', 'ORDERS');
  expect(listed.out[0]).toMatch(/^INSTANCE +STATUS +ZONE +ADDRESS +LEASE$/);
  expect(listed.out[1]).toMatch(/^orders-1 +up +local\/zone1 +127\.0\.0\.1:9000 +\S+( \S+)? of 10m$/);
  expect(listed.out.at(-1)).toBe('1 of 1 instance of ORDERS up at node3');
  expect((await artemis.run(to(node2), 'services')).out.at(-1)).toBe('1 service, 1 instance up at node2');

  const json = JSON.parse(
    (await artemis.run(to(node3), 'instances', 'orders', '--json')).out.join('\n'),
  ) as unknown;
  expect(json).toMatchObject({
    node: 'node3',
    instances: [
      { instance_id: 'orders-1', metadata: { a: '1' }, lease: { ttl_ms: 600_000, owner: 'node1' } },
    ],
  });

  const removed = await artemis.run(to(node2), 'unregister', 'orders', 'orders-1');
  expect(removed).toMatchObject({ code: ok, out: ['Unregistered orders/orders-1 in local/zone1 at node2'] });
  await eventually(async () => expect(await node1.api.idsOf('orders')).toEqual([]), patience);
  const again = await artemis.run(to(node2), 'unregister', 'orders', 'orders-1');
  expect(again).toMatchObject({ code: failure, out: [] });
});

stage.test('explains why an instance is listed, and why it is not', async () => {
  const lease = { lease_ttl_secs: 600 };
  await node2.api.register([
    anInstance({ service_id: 'mail', instance_id: 'mail-1', ...lease }),
    anInstance({ service_id: 'mail', instance_id: 'mail-2', status: 'down', ...lease }),
  ]);
  const listed = await artemis.run(to(node2), 'explain', 'mail', 'mail-1');
  expect(listed.code).toBe(ok);
  expect(listed.out[0]).toBe('mail/mail-1 in local/zone1 is listed at node2');
  expect(listed.out).toContain('  Its owner, who may expire it, is this node.');

  const unlisted = await artemis.run(to(node2), 'explain', 'mail', 'mail-1', 'mail-2', 'mail-3');
  expect(unlisted.code).toBe(failure);
  const text = unlisted.out.join('\n');
  expect(text).toContain('mail/mail-2 in local/zone1 is NOT listed at node2');
  expect(text).toContain('NO  status      its status is down');
  expect(text).toContain('node2 knows no instance "mail-3" of mail, did you mean mail-1?');
});

stage.test('takes many from a file, and says which are wrong', async () => {
  const file = path.join(stage.folder, 'instances.json');
  const list = Array.from({ length: 3 }, (_value, index) => ({ service_id: 'web', port: 7000 + index }));
  writeFileSync(file, JSON.stringify(list));
  const registered = await artemis.run(to(node1), 'register', '--file', file);
  expect(registered.out[0]).toBe('Registered 3 instances of 1 service at node1');
  expect(await node1.api.idsOf('web')).toHaveLength(3);
  writeFileSync(file, JSON.stringify([...list, { service_id: 'web' }]));
  const refused = await artemis.run(to(node1), 'register', '--file', file);
  expect(refused).toMatchObject({ code: failure, out: [] });
  expect(refused.err).toContain(`${file}: [3].`);
});

stage.test('asks the next node of a list, and says what to do when there is none', async () => {
  const away = `${host}:${await freePort()}`;
  const listed = await artemis.run([away, node1.address], 'services', '--prefix', 'nothing');
  expect(listed).toMatchObject({ code: ok, out: ['No services that begin with "nothing" at node1'] });
  const unasked = await artemis.run([away], 'services');
  expect(unasked).toMatchObject({ code: nobody, out: [] });
  expect(unasked.err).toBe(
    `artemis: cannot ask the node at http://${away}: connection refused\n` +
      'Is it running (artemis server)? Name another with --addr or ARTEMIS_ADDR\n',
  );
});
