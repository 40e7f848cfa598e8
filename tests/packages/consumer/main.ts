/** A program of somebody else: compiled against the types of the installed packages, then run. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTestCluster, type TestCluster } from '@artemis/cli/testing';
import { createClient, type ArtemisClient, type ServiceView } from '@artemis/client';
import { registerServer, type ServerRegistration } from '@artemis/client/http';
import { FileSnapshots } from '@artemis/client/node';
import { toInstance, type InstanceInput } from '@artemis/core';
import { loadConfig, type ConfigOverrides } from '@artemis/core/config';
import { VirtualTime } from '@artemis/core/testing';
import { createNode, silentLogger, systemRuntime, type ArtemisNode } from '@artemis/server';
import { attachPush, createApp, serve, type ArtemisApp, type Listener } from '@artemis/web';

const instance: InstanceInput = {
  region_id: 'local',
  zone_id: 'zone1',
  service_id: 'orders',
  instance_id: 'orders-1',
  ip: '10.0.0.11',
  port: 8080,
  url: 'http://10.0.0.11:8080',
  status: 'up',
};

function check(what: string, isRight: boolean): void {
  if (!isRight) throw new Error(what);
}

/** A node in a server that has routes of its own. */
async function embedded(dataDir: string): Promise<void> {
  const config: ConfigOverrides = { server: { nodeId: 'embedded' }, storage: { dataDir } };
  const node: ArtemisNode = createNode(config, systemRuntime(config, silentLogger));
  await node.start();
  await node.ready({ signal: AbortSignal.timeout(20_000) });
  const artemis: ArtemisApp = createApp(node.state);
  const server = createServer((req, res) => artemis(req, res, () => void res.end('host')));
  const push = attachPush(server, node.state);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await node.state.registry.register([toInstance(instance)]);
  const found: unknown = await (await fetch(`${url}/api/discovery/service.json?service_id=orders`)).json();
  check('the service is found over HTTP', JSON.stringify(found).includes('orders-1'));
  check('the host answers', (await (await fetch(`${url}/own`)).text()) === 'host');
  push.close();
  server.closeAllConnections();
  server.close();
  await node[Symbol.asyncDispose]();
}

async function served(): Promise<void> {
  const node = createNode({ storage: { engine: 'memory' } });
  await node.start();
  const listener: Listener = await serve(node.state, { host: '127.0.0.1', port: 0 });
  check('the node is ready', (await fetch(`http://127.0.0.1:${listener.port}/health/ready`)).ok);
  await listener.close(0);
  await node.stop();
}

/** A server that is registered for as long as it listens. */
async function registered(client: ArtemisClient): Promise<void> {
  const server = createServer((_req, res) => void res.end());
  const registration: ServerRegistration = registerServer(server, {
    client,
    instance: { region_id: 'local', zone_id: 'zone1', service_id: 'served' },
    host: '127.0.0.1',
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await registration.registered();
  const [found] = await client.instances('served');
  check('its port is known', found?.port === (server.address() as AddressInfo).port);
  await registration.close();
  server.close();
}

/** The SDK against a cluster of this process. */
async function clustered(snapshots: string): Promise<void> {
  const cluster: TestCluster = await startTestCluster(3);
  const client: ArtemisClient = createClient({
    urls: cluster.urls,
    snapshots: new FileSnapshots(snapshots),
  });
  const view: ServiceView = client.service('orders');
  await view.ready();
  const seen = new Promise<void>((resolve) => view.on('change', () => resolve()));
  const registration = await client.register(instance);
  await seen;
  check('the view follows', view.pick({ strategy: 'round-robin' })?.instance_id === 'orders-1');
  await cluster.equal();
  await registered(client);
  await registration.close();
  await client.close();
  const saved = await new FileSnapshots(snapshots).load('orders');
  check('the last answer is kept', saved?.serviceId === 'orders');
  await cluster.stop();
}

const listeners = () =>
  JSON.stringify(process.eventNames().map((name) => [String(name), process.listenerCount(name)]));
const before = listeners();
await embedded(process.argv[2] ?? 'data');
check('no listener of the process is added or left', listeners() === before);
await served();
await clustered(`${process.argv[2] ?? 'data'}-snapshots`);
check('a configuration is read', loadConfig({ text: '', hostName: 'a' }).config.server.zone === 'zone1');
check('time is virtual', new VirtualTime().nowMs >= 0);
console.log(`all right on ${process.version}`);
