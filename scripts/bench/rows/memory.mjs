// Row 6: what an instance costs in memory, everything included: by how much the anonymous memory of the node's process
// grows while instances are registered, once it has come to rest. Pages of the store, which the system can take back,
// are counted beside.
import { collect, inspectable, settled } from '../collect.mjs';
import { figure } from '../figures.mjs';
import { load, statusOf } from '../node-client.mjs';
import { memoryOf } from '../processes.mjs';

const engines = ['lmdb', 'memory'];

/** An empty node after all garbage is collected. */
async function emptyNode(stage, engine) {
  const inspector = await inspectable();
  const node = await stage.single({ settings: { storage: [`engine = "${engine}"`] }, env: inspector.env });
  const collected = await collect(node, inspector.port);
  await node.stop('SIGKILL');
  return collected;
}

async function measure({ stage, engine, empty, instances, quietMs }) {
  const inspector = await inspectable();
  const node = await stage.single({
    place: 'server',
    settings: { storage: [`engine = "${engine}"`] },
    env: inspector.env,
  });
  const before = await settled(node, { quietMs });
  const start = performance.now();
  await load(node.port, 0, instances);
  const loadMs = performance.now() - start;
  const after = await settled(node, { quietMs });
  const { live_records: live } = await statusOf(node.port);
  if (live !== instances) throw new Error(`the node holds ${live} of ${instances} instances`);
  const collected = await collect(node, inspector.port);
  await node.stop('SIGKILL');
  const each = (bytes) => bytes / instances;
  const what = `${instances}, ${engine}`;
  const limits = { must: 1500, aim: 800 };
  return [
    figure(`${what}: anonymous growth per instance`, each(after.anonymous - before.anonymous), 'B', limits),
    figure(
      `${what}: the same after all garbage is collected`,
      each(collected.anonymous - empty.anonymous),
      'B',
    ),
    figure(`${what}: of that in the heap`, each(collected.heapUsed - empty.heapUsed), 'B'),
    figure(`${what}: of that in buffers`, each(collected.arrayBuffers - empty.arrayBuffers), 'B'),
    figure(`${what}: mapped growth per instance`, each(after.mapped - before.mapped), 'B'),
    figure(`${what}: anonymous, empty node`, before.anonymous / 1e6, 'MB'),
    figure(`${what}: anonymous, at rest`, after.anonymous / 1e6, 'MB'),
    figure(`${what}: loaded in`, loadMs / 1000, 's'),
  ];
}

export const memory = {
  row: 6,
  name: 'memory',
  title: 'memory per instance',
  sizes: {
    long: { instances: 100_000, more: 1_000_000, quiet_ms: 8000 },
    short: { instances: 10_000, more: 100_000, quiet_ms: 700 },
  },
  async run({ stage, sizes, say }) {
    if (memoryOf(process)?.anonymous === undefined) {
      say('this system does not say what a process has in memory (/proc/PID/status)');
      return [];
    }
    const figures = [];
    for (const engine of engines) {
      const empty = await emptyNode(stage, engine);
      for (const instances of [sizes.instances, sizes.more])
        figures.push(...(await measure({ stage, engine, empty, instances, quietMs: sizes.quiet_ms })));
    }
    return figures;
  },
};
