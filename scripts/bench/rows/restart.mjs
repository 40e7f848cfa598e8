// Row 10: a node that holds many instances on disk is ended and started again: how long until it is ready, after a
// clean stop and after a kill; beside an empty node, and beside the mere parsing of as many as JSON. And one of two nodes
// that does so, with what crosses the wire for it.
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

/** One of two nodes stops and starts again while the other one goes on. */
async function restartBesidePeer(stage, { instances, rounds }) {
  const { nodes, passed } = await stage.pair(instances);
  const all = [];
  for (let round = 0; round < rounds; round += 1) {
    await nodes[1].stop('SIGTERM');
    const bytes = passed();
    const ms = await timeStart(nodes[1], instances);
    all.push({ ms, bytes: passed() - bytes });
  }
  return { ms: median(all.map(({ ms }) => ms)), bytes: median(all.map(({ bytes }) => bytes)) };
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
    await node.stop('SIGTERM');
    const clean = median(starts.SIGTERM);
    const besidePeer = await restartBesidePeer(stage, sizes);
    return [
      figure('after a clean stop', clean / 1000, 's', { must: 1.5, aim: 1 }),
      figure('after a kill, which checks the store first', median(starts.SIGKILL) / 1000, 's'),
      figure('an empty node', median(bare) / 1000, 's'),
      figure('one of two nodes, compared with the other', besidePeer.ms / 1000, 's'),
      figure('one of two nodes: on the wire', besidePeer.bytes / 1e6, 'MB'),
      figure('parsing the table as JSON', parse, 'ms'),
      figure('the table beside its parsing', (clean - median(bare)) / parse, 'x'),
    ];
  },
};
