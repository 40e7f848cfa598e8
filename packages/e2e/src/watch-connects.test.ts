import { anInstance } from '@artemis/core/testing';
import { describe, expect, jest } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { startNode, type NodeProcess } from './harness/node-process.js';
import { freePort } from './harness/ports.js';
import { PushSocket } from './harness/push-socket.js';
import { settledMemory } from './harness/settled-memory.js';
import { note, useStage } from './harness/stage.js';

/** `npm run soak:connects` sets this. */
const connects = Number(process.env['SOAK_CONNECTS'] ?? 1_500);
jest.setTimeout(120_000 + connects * 20);
const lanes = 20;
/** MiB that are no leak: what the runtime compiles, and what it lays aside. */
const noise = 4;

type Ending = (socket: PushSocket) => Promise<unknown>;

/** With a word, without one, and before the node has answered. */
const endings: readonly Ending[] = [
  async (socket) => {
    await socket.until('subscribed_all');
    await socket.close();
  },
  async (socket) => {
    await socket.until('subscribed');
    socket.cut();
  },
  async (socket) => socket.cut(),
];

describe('connections to a node that come and go', () => {
  const stage = useStage();

  stage.test('leave nothing behind', async () => {
    const node = await startNode(stage, {
      name: 'node1',
      port: await freePort(),
      settings: { ratelimit: { enabled: false }, lease: { ttl_secs: 600 } },
    });
    const instances = Array.from({ length: 20 }, (_, index) =>
      anInstance({ service_id: `service-${index % 4}`, instance_id: `instance-${index}` }),
    );
    await node.api.register(instances);
    await comeAndGo(node, Math.floor(connects / 3));
    const warm = await memoryAtRest(node);
    await comeAndGo(node, connects);
    const end = await memoryAtRest(node);
    const perConnect = Math.round(((end - warm) * 1024 * 1024) / connects);
    note(
      `holds ${warm} MiB when warm, ${end} MiB after ${connects} more connections: ${perConnect} bytes each`,
    );
    expect(end - warm).toBeLessThanOrEqual(noise);
    const metrics = await node.api.metrics();
    expect(metrics.sum('artemis_push_sessions_ended_total')).toBe(connects + Math.floor(connects / 3));
    expect(metrics.sum('artemis_push_subscriptions')).toBe(0);
    expect(metrics.sum('artemis_push_watchers_of_all')).toBe(0);
    expect(await node.api.idsOf('service-0')).toHaveLength(5);
  });
});

async function memoryAtRest(node: NodeProcess): Promise<number> {
  await eventually(async () => expect((await node.api.metrics()).sum('artemis_push_sessions')).toBe(0), {
    within: 30_000,
  });
  const { heap, external } = await settledMemory(node);
  return heap + external;
}

async function comeAndGo(node: NodeProcess, count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, index) => index).values();
  const lane = async (): Promise<void> => {
    for (const number of numbers) {
      const socket = await PushSocket.open(node.api.url);
      socket.send({ type: 'subscribe', service_id: `service-${number % 5}` });
      socket.send({ type: 'subscribe_all' });
      // Only some, since each grows the change log until that is full.
      const instance = anInstance({ service_id: 'service-3', instance_id: `instance-${number % 20}` });
      if (number % 20 === 0) socket.send({ type: 'register', id: number, instances: [instance] });
      await endings[number % endings.length]?.(socket);
      await socket.closed;
      expect(socket.faults).toEqual([]);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
