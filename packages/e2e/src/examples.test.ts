import { beforeAll, describe, expect } from '@jest/globals';
import type { Child } from './harness/child.js';
import { eventually } from './harness/eventually.js';
import { printed, startExample } from './harness/example.js';
import { HttpClient } from './harness/http-client.js';
import { startCluster, type NodeProcess } from './harness/node-process.js';
import { useStage } from './harness/stage.js';

const patience = { within: 30_000 };

interface Provider {
  readonly child: Child;
  readonly id: string;
  readonly http: HttpClient;
}

describe('examples/provider-consumer', () => {
  const stage = useStage();
  let node1: NodeProcess;
  let node2: NodeProcess;
  let consumer: Child;
  let first: Provider;
  let second: Provider;

  async function startProvider(): Promise<Provider> {
    const child = startExample(stage, 'provider-consumer/provider.js', { REGISTRY: node1.api.url });
    const url = await printed(child, /is registered: (http:\/\/[^/]+)/);
    const http = new HttpClient(url);
    stage.defer(() => http.close());
    return { child, id: url.replace('http://', ''), http };
  }

  /** Waits until the consumer has been served by exactly these, in what it prints from now on. */
  async function untilServedBy(...providers: readonly Provider[]): Promise<void> {
    const ids = providers.map(({ id }) => id).sort();
    const from = consumer.stdout.length;
    await eventually(() => {
      const lines = consumer.stdout.slice(from).split('\n').slice(0, -1);
      const last = lines.slice(-6).map((line) => /^Hello you, says (\S+)$/.exec(line)?.[1] ?? line);
      expect(last).toHaveLength(6);
      expect([...new Set(last)].sort()).toEqual(ids);
    }, patience);
  }

  beforeAll(async () => {
    [node1, node2] = (await startCluster(stage, 2)) as [NodeProcess, NodeProcess];
    first = await startProvider();
    second = await startProvider();
    consumer = startExample(stage, 'provider-consumer/consumer.js', {
      REGISTRY: node2.api.url,
      PAUSE_MS: '50',
    });
  });

  stage.test('a provider is registered where it listens, on all nodes', async () => {
    await eventually(
      async () => expect(await node2.api.idsOf('greetings')).toEqual([first.id, second.id].sort()),
      patience,
    );
    const [instance] = (await node2.api.discover('greetings')).service?.instances ?? [];
    const { hostname, port } = new URL(instance?.url ?? '');
    expect(instance).toMatchObject({ ip: hostname, port: Number(port), protocol: 'http', status: 'up' });
  });

  stage.test('a consumer calls them all', () => untilServedBy(first, second));

  stage.test('one that is not ready is left alone, and called again when it is', async () => {
    await first.http.ask('POST', '/rest');
    await eventually(async () => expect(await node2.api.idsOf('greetings')).toEqual([second.id]), patience);
    await untilServedBy(second);
    await first.http.ask('POST', '/rest');
    await untilServedBy(first, second);
  });

  stage.test(
    'one that is told to end is unregistered before it ends, and every call is answered',
    async () => {
      const before = consumer.stdout.length;
      first.child.signal('SIGTERM');
      // As it would have ended without the SDK.
      expect(await first.child.exitWithin(patience.within)).toEqual({ code: null, signal: 'SIGTERM' });
      expect(await node1.api.idsOf('greetings')).toEqual([second.id]);
      await untilServedBy(second);
      expect(consumer.stdout.slice(before)).not.toMatch(/^nobody/m);
    },
  );

  stage.test('one that is killed fails, and the consumer goes on with the other', async () => {
    const third = await startProvider();
    await untilServedBy(second, third);
    third.child.signal('SIGKILL');
    await untilServedBy(second);
  });

  stage.test('the consumer survives the stop of its node', async () => {
    node2.signal('SIGTERM');
    await node2.exitWithin(patience.within);
    const fourth = await startProvider();
    await untilServedBy(second, fourth);
  });

  stage.test('the consumer ends when it is told to', async () => {
    consumer.signal('SIGTERM');
    expect(await consumer.exitWithin(patience.within)).toEqual({ code: 0, signal: null });
  });
});
