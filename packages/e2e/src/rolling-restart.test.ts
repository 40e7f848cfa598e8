import { aKey, anInstance } from '@artemis/core/testing';
import { expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import type { NodeProcess } from './harness/node-process.js';
import { startCluster, startNode, untilConnected } from './harness/node-process.js';
import { repeat } from './harness/repeat.js';
import { note, useStage } from './harness/stage.js';

const stage = useStage();
const settings = { cluster: { health_check_interval_ms: 1000 }, lease: { ttl_secs: 6 } };
/** What was acknowledged so long ago must be on every node that is ready. */
const travelMs = 1000;

stage.test(
  'no acknowledged instance is missing on any ready node while all are restarted in turn',
  async () => {
    const nodes: NodeProcess[] = await startCluster(stage, 3, settings);
    const addresses = nodes.map(({ address }) => address);
    const acknowledged = new Map<string, number>();
    const problems: string[] = [];
    let ended = false;
    let looks = 0;
    const done = () => ended;

    /** As an SDK does: one node after the other until one takes it. */
    const anywhere = async (start: number, act: (node: NodeProcess) => Promise<unknown>): Promise<void> => {
      await eventually(async () => {
        for (const node of [...nodes.slice(start % 3), ...nodes.slice(0, start % 3)]) {
          const taken = await act(node).then(
            () => true,
            () => false,
          );
          if (taken) return;
        }
        throw new Error('no node takes requests');
      });
    };
    const register = (client: number) =>
      repeat(20, done, async (turn) => {
        const id = `c${client}-${turn}`;
        await anywhere(client, (node) => node.api.register([anInstance({ instance_id: id })]));
        acknowledged.set(id, performance.now());
      });
    const renew = () =>
      repeat(500, done, async (turn) => {
        const keys = [...acknowledged.keys()].map((id) => aKey({ instance_id: id }));
        if (keys.length > 0) await anywhere(turn, (node) => node.api.heartbeat(keys));
      });
    const isReady = (node: NodeProcess) => node.api.isReady().catch(() => false);
    const look = () =>
      repeat(200, done, async () => {
        for (const node of [...nodes]) {
          const latest = performance.now() - travelMs;
          const known = [...acknowledged].filter(([, atMs]) => atMs < latest).map(([id]) => id);
          if (!(await isReady(node))) continue;
          const listed = await node.api.idsOf('test-service').catch(() => undefined);
          if (listed === undefined || !(await isReady(node))) continue;
          looks += 1;
          const there = new Set(listed);
          const missing = known.filter((id) => !there.has(id));
          if (missing.length > 0)
            problems.push(`${node.name} lacks ${missing.length}, ${missing[0]} for one`);
        }
      });
    const load = Promise.all([register(0), register(1), register(2), renew(), look()]);

    for (const [index, node] of [...nodes].entries()) {
      node.signal('SIGTERM');
      expect(await node.exitWithin(20_000)).toEqual({ code: 0, signal: null });
      const peers = addresses.filter((address) => address !== node.address);
      nodes[index] = await startNode(stage, { name: node.name, port: node.port, peers, settings });
      await untilConnected(nodes);
      const seen = looks;
      await eventually(() => looks > seen + 10);
    }
    ended = true;
    await load;
    note(`${acknowledged.size} instances, looked at ${looks} times`);
    expect(problems).toEqual([]);
  },
);
