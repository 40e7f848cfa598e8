// How long does a unit test wait for a cluster of its own? Starts and stops test clusters in this process.
import { figure } from '../figures.mjs';
import { instance } from '../node-client.mjs';
import { median } from '../statistics.mjs';

export const testCluster = {
  name: 'test-cluster',
  title: 'a cluster for a unit test, within the process of the test',
  sizes: {
    long: { nodes: 3, rounds: 10 },
    short: { nodes: 3, rounds: 3 },
  },
  async run({ sizes }) {
    const { nodes, rounds } = sizes;
    const times = { start: [], equal: [], stop: [] };
    const timed = async (name, task) => {
      const start = performance.now();
      const result = await task();
      times[name].push(performance.now() - start);
      return result;
    };
    const begunMs = performance.now();
    const { startTestCluster } = await import('../../../packages/cli/dist/testing/index.js');
    const importMs = performance.now() - begunMs;
    for (let round = 0; round < rounds; round += 1) {
      const cluster = await timed('start', () => startTestCluster(nodes));
      await timed('equal', async () => {
        await cluster.nodes[0].node.state.registry.register([instance(0)]);
        await cluster.equal();
      });
      await timed('stop', () => cluster.stop());
    }
    return [
      figure('import', importMs, 'ms'),
      figure('ready and connected, the first', times.start[0], 'ms'),
      figure('ready and connected, median', median(times.start), 'ms', { must: 200 }),
      figure('a registration on every node, median', median(times.equal), 'ms'),
      figure('stopped, median', median(times.stop), 'ms'),
    ];
  },
};
