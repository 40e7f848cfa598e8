// Row 10: a node that holds many instances on disk is ended and started again: how long until it is ready, after a
// clean stop and after a kill; beside an empty node, and beside the mere parsing of as many as JSON.
import { figure } from '../figures.mjs';
import { ask, load, statusOf } from '../node-client.mjs';
import { freePort } from '../processes.mjs';
import { parseTime } from '../parse-time.mjs';
import { median } from '../statistics.mjs';

async function timeStart(node, instances) {
  const start = performance.now();
  node.start();
  await node.ready();
  const ms = performance.now() - start;
  const { live_records: live } = await statusOf(node.port);
  if (live !== instances) throw new Error(`${live} instances are back of ${instances}`);
  return ms;
}

export const restart = {
  row: 10,
  name: 'restart',
  title: 'from the start of the process to ready, with many instances on disk',
  sizes: {
    long: { instances: 100_000, rounds: 3 },
    short: { instances: 10_000, rounds: 1 },
  },
  async run({ stage, sizes }) {
    const { instances, rounds } = sizes;
    const node = stage.node('node1', await freePort());
    const empty = stage.node('empty', await freePort());
    node.start();
    await node.ready();
    await load(node.port, 0, instances);
    const parse = parseTime(await ask(node.port, 'GET', '/api/replication/registry/services.json'));
    const starts = { SIGTERM: [], SIGKILL: [] };
    const bare = [];
    for (let round = 0; round < rounds; round += 1) {
      for (const signal of ['SIGTERM', 'SIGKILL']) {
        await node.stop(signal);
        starts[signal].push(await timeStart(node, instances));
      }
      bare.push(await timeStart(empty, 0));
      await empty.stop('SIGTERM');
    }
    const clean = median(starts.SIGTERM);
    return [
      figure('after a clean stop', clean / 1000, 's', { must: 1.5, aim: 1 }),
      figure('after a kill, which checks the store first', median(starts.SIGKILL) / 1000, 's'),
      figure('an empty node', median(bare) / 1000, 's'),
      figure('parsing the table as JSON', parse, 'ms'),
      figure('the table beside its parsing', (clean - median(bare)) / parse, 'x'),
    ];
  },
};
