import { anInstance } from '@artemis/core/testing';
import { expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { startCluster, startNode, untilConnected, type NodeProcess } from './harness/node-process.js';
import { repeat } from './harness/repeat.js';
import { startSdk } from './harness/sdk.js';
import { note, useStage } from './harness/stage.js';

const stage = useStage();
const settings = { cluster: { health_check_interval_ms: 1000 }, lease: { ttl_secs: 6 } };
const service = 'test-service';
/** What was acknowledged so long ago must be in every view and on every node that is ready. */
const travelMs = 3000;
const users = 6;

stage.test(
  '28: no request of an SDK user fails, and no instance is missing, while all nodes are restarted in turn',
  async () => {
    const nodes: NodeProcess[] = await startCluster(stage, 3, settings);
    const urls = nodes.map(({ api }) => api.url);
    const addresses = nodes.map(({ address }) => address);
    const acknowledged = new Map<string, number>();
    const problems: string[] = [];
    let requests = 0;
    let looks = 0;
    let ended = false;
    const done = (): boolean => ended;
    const known = (): string[] => {
      const latest = performance.now() - travelMs;
      return [...acknowledged].filter(([, atMs]) => atMs < latest).map(([id]) => id);
    };
    const expectAll = (where: string, before: readonly string[], listed: readonly string[]): void => {
      looks += 1;
      const there = new Set(listed);
      const missing = before.filter((id) => !there.has(id));
      if (missing.length > 0) problems.push(`${where} lacks ${missing.length}, ${missing[0]} for one`);
    };
    const ask = async <T>(what: string, act: () => Promise<T>): Promise<T | undefined> => {
      requests += 1;
      try {
        return await act();
      } catch (error) {
        problems.push(`${what}: ${String(error)}`);
        return undefined;
      }
    };

    const user = async (number: number): Promise<() => Promise<unknown>> => {
      // Both transports, by sockets mostly.
      const transport = number === 0 ? 'http' : 'auto';
      const { client } = startSdk(stage, { urls, transport, nodeRefreshIntervalMs: 1000 });
      const view = client.service(service);
      await ask('ready', () => view.ready());
      await repeat(50, done, async (turn) => {
        const id = `user${number}-${turn}`;
        if (turn % 4 === 0) {
          const made = await ask('register', () =>
            client.register(anInstance({ instance_id: id, lease_ttl_secs: 6 })),
          );
          acknowledged.set(id, performance.now());
          await ask('update', async () => made?.update({ metadata: { turn: String(turn) } }));
        }
        const before = known();
        const answer = await ask('instances', () => client.instances(service));
        if (answer !== undefined)
          expectAll(
            `an answer to user ${number}`,
            before,
            answer.map((one) => one.instance_id),
          );
        expectAll(
          `the view of user ${number}`,
          before,
          view.instances.map((one) => one.instance_id),
        );
        await ask('services', () => client.services());
      });
      return () => ask('close', () => client.close());
    };
    const isReady = (node: NodeProcess): Promise<boolean> => node.api.isReady().catch(() => false);
    const look = (): Promise<void> =>
      repeat(200, done, async () => {
        for (const node of [...nodes]) {
          const before = known();
          if (!(await isReady(node))) continue;
          const listed = await node.api.idsOf(service).catch(() => undefined);
          if (listed !== undefined && (await isReady(node))) expectAll(node.name, before, listed);
        }
      });
    const looking = look();
    const load = Promise.all(Array.from({ length: users }, (_, number) => user(number)));

    for (const [index, node] of [...nodes].entries()) {
      const seen = looks;
      await eventually(() => looks > seen + 20, { within: 30_000 });
      node.signal('SIGTERM');
      expect(await node.exitWithin(20_000)).toEqual({ code: 0, signal: null });
      const peers = addresses.filter((address) => address !== node.address);
      nodes[index] = await startNode(stage, { name: node.name, port: node.port, peers, settings });
      await untilConnected(nodes);
    }
    const seen = looks;
    await eventually(() => looks > seen + 20, { within: 30_000 });
    ended = true;
    await looking;
    // What a user unregisters is missing to those that still look.
    for (const close of await load) await close();
    note(`${requests} requests of ${users} users, ${acknowledged.size} instances, looked at ${looks} times`);
    expect(problems).toEqual([]);
  },
);
