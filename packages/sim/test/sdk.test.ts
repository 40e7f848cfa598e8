import type { AllView, ArtemisClient, ClientTransport, ServiceView } from '@artemis/client';
import { anInstance } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { SdkWorld } from './sdk-world.js';

const leaseMs = 6000;
const seeds = [1, 2, 3];
const service = 'test-service';

interface Users {
  readonly clients: readonly ArtemisClient[];
  readonly views: readonly ServiceView[];
  /** Of the first client, of everything. */
  readonly all: AllView;
  /** What the views told, after the beginning. */
  readonly told: string[];
  readonly ids: readonly string[];
}

/** Each registers two instances and watches the service. */
async function startUsers(world: SdkWorld, count: number, transport: ClientTransport): Promise<Users> {
  const { nodes } = world.cluster;
  const clients = Array.from({ length: count }, (_, index) => {
    const knows = nodes[index % nodes.length];
    if (knows === undefined) throw new Error('there are no nodes');
    return world.client(`user${index}`, knows, {
      transport,
      requestTimeoutMs: 1000,
      nodeRefreshIntervalMs: 5000,
    });
  });
  const ids = clients.flatMap((_, index) => [`user${index}-a`, `user${index}-b`]);
  const views = clients.map((client) => client.service(service));
  const all = (clients[0] as ArtemisClient).watchAll();
  const registering = clients.flatMap((client, index) =>
    ['a', 'b'].map((letter) => {
      const lease_ttl_secs = leaseMs / 1000;
      return client.register(anInstance({ instance_id: `user${index}-${letter}`, lease_ttl_secs }));
    }),
  );
  await world.time.finish(Promise.all([...registering, ...views.map((view) => view.ready())]));
  await world.time.runUntil(() => views.every(({ instances }) => instances.length === ids.length));
  await world.time.finish(all.ready());
  await world.time.runUntil(() => all.instances(service).length === ids.length);
  const told: string[] = [];
  all.on('change', ({ change_type: type, instance }) => told.push(`${type} ${instance.instance_id}`));
  for (const view of views) {
    view.on('change', ({ changes }) => {
      told.push(...changes.map((change) => `${change.change_type} ${change.instance.instance_id}`));
    });
  }
  return { clients, views, all, told, ids };
}

async function expectAllKnown(world: SdkWorld, { views, all, ids }: Users): Promise<void> {
  const idsOf = (list: ServiceView['instances']): string[] => list.map((one) => one.instance_id).sort();
  await world.time.runUntil(
    () => views.every((view) => !view.stale && view.instances.length === ids.length) && world.cluster.settled,
    60_000,
    'every view knows all, and the nodes are equal',
  );
  for (const view of views) expect(idsOf(view.instances)).toEqual([...ids].sort());
  await world.time.runUntil(() => !all.stale && all.instances(service).length === ids.length);
  expect([all.serviceIds, idsOf(all.instances(service))]).toEqual([[service], [...ids].sort()]);
  expect(world.problems).toEqual([]);
}

async function end(world: SdkWorld, { clients }: Users): Promise<void> {
  await world.time.finish(Promise.all(clients.map((client) => client.close())));
  await world.time.advance(5000);
  for (const { node } of world.cluster.nodes) expect(node.state.cluster.node().live_records).toBe(0);
  await world.cluster.stop();
}

async function rollingRestart(
  seed: number,
  transport: ClientTransport,
): Promise<{ world: SdkWorld; users: Users }> {
  const world = new SdkWorld(seed, leaseMs);
  await world.cluster.start();
  const users = await startUsers(world, 6, transport);
  for (const node of world.cluster.nodes) {
    await world.time.finish(node.stop());
    await world.time.advance(500);
    node.restart();
    await world.time.runUntil(() => world.cluster.settled);
    await world.time.advance(2000);
  }
  return { world, users };
}

describe.each(['websocket', 'http', 'auto'] as const)('the SDK in the simulation, by %s', (transport) => {
  it.each(seeds)('loses nothing while all nodes are restarted in turn, seed %i', async (seed) => {
    const { world, users } = await rollingRestart(seed, transport);
    await world.time.advance(2 * leaseMs);
    await expectAllKnown(world, users);
    expect(world.removals).toEqual([]);
    expect(users.told).toEqual([]);
    await end(world, users);
  });

  it.each(seeds)('finds its way through crashes, cuts and losses, seed %i', async (seed) => {
    const world = new SdkWorld(seed, leaseMs);
    await world.cluster.start();
    const users = await startUsers(world, 6, transport);
    const chance = world.random.fork('faults');
    const { nodes } = world.cluster;
    world.network.setFaults({ requestLoss: 0.05, answerLoss: 0.05, delayMs: [1, 20] });
    for (let turn = 0; turn < 12; turn += 1) {
      const node = chance.pick(nodes);
      const user = `http://user${chance.int(0, 5)}`;
      if (chance.chance(0.4)) node.crash(chance.pick(['kept', 'lost']));
      else if (chance.chance(0.5)) node.pause();
      else world.network.cut(user, node.url);
      await world.time.advance(chance.between(500, 4000));
      for (const other of nodes) other.resume('timers-first');
      for (const other of nodes) other.restart();
      world.network.heal();
      await world.time.advance(chance.between(500, 4000));
    }
    world.network.setFaults({ requestLoss: 0, answerLoss: 0, delayMs: [1, 1] });
    await expectAllKnown(world, users);
    await end(world, users);
  });

  it('does the same again with the same seed', async () => {
    const [first, second] = [await rollingRestart(7, transport), await rollingRestart(7, transport)];
    expect(second.world.requests).toEqual(first.world.requests);
    expect(first.world.requests.length).toBeGreaterThan(50);
    expect(first.world.sockets.opened > 6).toBe(transport !== 'http');
  });
});
