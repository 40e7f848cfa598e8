import { stampWallMs } from '@artemis/core';
import type { MemoryStore } from '@artemis/core/testing';
import { aKey, anInstance, SeededRandom, SimNetwork, VirtualTime } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { SimNode } from './node.fixture.js';
import { build, listed, urlOf } from './node.fixture.js';

const hourMs = 3_600_000;
const success = { response_status: { error_code: 'success' } };
let time: VirtualTime;
let network: SimNetwork;

beforeEach(() => {
  time = new VirtualTime();
  network = new SimNetwork({ scheduler: time.scheduler, random: new SeededRandom(1) });
});

/** A node of the cluster; one that is down until it is started refuses connections. */
async function start(name: string, skewMs: number, store?: MemoryStore): Promise<SimNode> {
  const node = build(name, { time, network }, {}, { skewMs, ...(store && { store }) });
  await node.node.start();
  await time.advance(7000);
  return node;
}

async function stop({ node, runtime }: SimNode): Promise<void> {
  await node.stop();
  network.detach(runtime.url);
}

const gateOf = ({ node }: SimNode) => node.state.health.readiness().gates.clock;
const register = ({ node }: SimNode, id: string) =>
  node.state.registry.register([anInstance({ instance_id: id, lease_ttl_secs: 1000 })]);
const versionsOf = ({ node }: SimNode) =>
  [...node.state.peers.services()].flatMap(({ instances }) =>
    instances.map(({ instance_id: id, replica }) => [id, replica.version]),
  );
const stampedAtMs = (node: SimNode) =>
  versionsOf(node).map(([, version]) => stampWallMs(Number(version?.[0])));

/** The two other nodes see whatever the first made, and the other way round. */
async function expectEqual(nodes: readonly SimNode[], ids: readonly string[]): Promise<void> {
  await time.runUntil(() => nodes.every((node) => listed(node).length === ids.length), 20_000);
  for (const node of nodes) expect(listed(node).sort()).toEqual([...ids].sort());
  const [first] = nodes.map((node) => versionsOf(node).sort());
  for (const node of nodes) expect(versionsOf(node).sort()).toEqual(first);
}

describe('clocks that differ by less than half of the drift', () => {
  it('keep nobody from work, and all agree', async () => {
    const nodes = [await start('node1', 0), await start('node2', 25_000), await start('node3', -5000)];
    await time.advance(10_000);
    expect(nodes.map((node) => node.node.state.health.readiness().ready)).toEqual([true, true, true]);
    for (const [index, node] of nodes.entries()) await time.finish(register(node, `i${index}`));
    await expectEqual(nodes, ['i0', 'i1', 'i2']);
    // The later word counts, whoever's clock says what.
    await time.finish(register(nodes[1]!, 'i0'));
    await time.advance(200);
    await time.finish(nodes[2]!.node.state.registry.unregister([aKey({ instance_id: 'i0' })]));
    await expectEqual(nodes, ['i1', 'i2']);
  });
});

describe.each([
  ['ahead', hourMs],
  ['behind', -hourMs],
])('a node whose clock is an hour %s', (_way, skewMs) => {
  let nodes: [SimNode, SimNode, SimNode];

  beforeEach(async () => {
    nodes = [await start('node1', 0), await start('node2', 0), await start('node3', skewMs)];
    await time.finish(register(nodes[0], 'before'));
  });

  it('is not ready and takes no writes, and its peers do', async () => {
    expect(nodes.map((node) => gateOf(node)?.open)).toEqual([true, true, false]);
    expect(nodes[2].node.state.health.readiness().ready).toBe(false);
    await expect(register(nodes[2], 'here')).rejects.toThrow('the clock of this node is wrong');
    const { text } = await nodes[2].node.state.metrics.render();
    expect(text).toContain('artemis_clock_wrong 1');
    expect(Number(/^artemis_clock_offset_seconds (\S+)/m.exec(text)?.[1])).toBeCloseTo(skewMs / 1000, 0);
  });

  it('joins, as another run, once its clock is right', async () => {
    const { node, runtime } = nodes[2];
    const run = node.state.cluster.node().run_id;
    runtime.clock.setSkew(0);
    await time.runUntil(() => gateOf(nodes[2])?.open === true, 6000);
    const { run_id: newRun } = node.state.cluster.node();
    expect([newRun === run, node.changes.logId]).toEqual([false, `node3#${newRun}`]);
    expect(Math.abs(stampWallMs(node.state.clock.stamp()) - runtime.clock.wallMs())).toBeLessThan(1000);
    await time.finish(register(nodes[2], 'after'));
    await expectEqual(nodes, ['before', 'after']);
    const { text } = await nodes[0].node.state.metrics.render();
    expect(text).toContain('artemis_clock_wrong 0');
  });
});

it('a node that comes back with a clock an hour behind lets nothing expire, though it takes no renewals', async () => {
  const nodes = [await start('node1', 0), await start('node2', 0)];
  const before = await start('node3', 0);
  await time.finish(before.node.state.registry.register([anInstance({ lease_ttl_secs: 10 })]));
  await stop(before);
  const again = await start('node3', -hourMs, before.runtime.store);
  expect(gateOf(again)?.open).toBe(false);
  for (let beat = 0; beat < 10; beat += 1) {
    nodes[0]!.node.state.registry.heartbeat([aKey()]);
    await time.advance(3000);
  }
  for (const node of [...nodes, again])
    expect(node.changes.filter(({ reason }) => reason === 'expired')).toEqual([]);
  again.runtime.clock.setSkew(0);
  await time.runUntil(() => gateOf(again)?.open === true, 6000);
  await time.advance(15_000);
  // Nobody renews any more: its lease ends everywhere.
  await time.runUntil(() => [...nodes, again].every((node) => listed(node).length === 0), 10_000);
});

describe('what a node with a clock an hour ahead stamped while it was alone', () => {
  it('is stamped anew when its clock is right, and reaches the others', async () => {
    const node3 = await start('node3', hourMs);
    await time.finish(register(node3, 'mine'));
    await time.finish(node3.node.state.registry.unregister([aKey({ instance_id: 'gone' })]));
    const nodes = [await start('node1', 0), await start('node2', 0), node3];
    expect(gateOf(node3)?.open).toBe(false);
    expect(listed(nodes[0]!)).toEqual([]);
    node3.runtime.clock.setSkew(0);
    await expectEqual(nodes, ['mine']);
    expect(stampedAtMs(node3)[0]).toBeLessThanOrEqual(time.startWallMs + time.nowMs);
    expect(node3.runtime.logger.text()).toContain('2 records were stamped by a clock far ahead');
  });

  it('is so, too, when it was restarted with the right clock', async () => {
    const before = await start('node3', hourMs);
    await time.finish(register(before, 'mine'));
    await stop(before);
    const nodes = [await start('node1', 0), await start('node2', 0)];
    const again = await start('node3', 0, before.runtime.store);
    await expectEqual([...nodes, again], ['mine']);
    expect(gateOf(again)?.open).toBe(true);
  });

  it('does not undo what was done elsewhere since', async () => {
    const node3 = await start('node3', hourMs);
    await time.finish(register(node3, 'moved'));
    const nodes = [await start('node1', 0), await start('node2', 0), node3];
    await time.advance(5000);
    await time.finish(nodes[0]!.node.state.registry.unregister([aKey({ instance_id: 'moved' })]));
    node3.runtime.clock.setSkew(0);
    await time.runUntil(() => gateOf(node3)?.open === true, 6000);
    await time.finish(register(node3, 'other'));
    await expectEqual(nodes, ['other']);
  });
});

it('two nodes that disagree both wait: neither can know which of them is right', async () => {
  const nodes = [await start('node1', 0), await start('node2', hourMs)];
  await time.advance(6000);
  expect(nodes.map((node) => gateOf(node)?.open)).toEqual([false, false]);
  expect(network.traffic({ from: urlOf('node1'), to: urlOf('node2') }).requests).toBeGreaterThan(0);
  nodes[1]!.runtime.clock.setSkew(0);
  await time.runUntil(() => nodes.every((node) => gateOf(node)?.open === true), 12_000);
  await expect(time.finish(register(nodes[0]!, 'after'))).resolves.toEqual(success);
});
