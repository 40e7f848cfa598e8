import type { NodeStatus } from '@artemis/core';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Watched } from './cluster.fixture.js';
import { aNode, sentBy, watch } from './cluster.fixture.js';

const node2 = 'node2:8080';
const fromNode2 = sentBy('node2', 'runA');
let it2: Watched;

beforeEach(() => {
  it2 = watch([node2]);
});

const peer = () => it2.cluster.peers[0]!;
const advance = (ms: number) => it2.runtime.time.advance(ms);
const until = (condition: () => boolean, ms: number) => it2.runtime.time.runUntil(condition, ms);
const answer = (node: Partial<NodeStatus> = {}) => it2.answer(node2, node);

describe('ClusterManager', () => {
  it('finds a peer alive, with who it is, and tells of its run once', async () => {
    answer();
    it2.start();
    await advance(11_000);
    expect(peer()).toMatchObject({ state: 'alive', identity: { node_id: 'node2' }, lastError: undefined });
    const again = `alive ${node2}`;
    expect(it2.told).toEqual([`added ${node2}`, `alive ${node2} recovered new-run`, again, again]);
    expect([it2.cluster.canDeliverTo('node2'), it2.cluster.canDeliverTo('node3')]).toEqual([true, false]);
  });

  it('says who it is in every call', async () => {
    it2 = watch([node2], { cluster: { secret: 's3cret' } });
    let headers: Readonly<Record<string, string>> = {};
    it2.runtime.network.attach(`http://${node2}`, async (request) => {
      headers = request.headers;
      return { status: 200, headers: {}, body: aNode({}, it2.runtime) };
    });
    it2.start();
    await advance(100);
    expect(headers).toMatchObject({
      'x-artemis-replication': 'true',
      'x-artemis-node': 'node1',
      'x-artemis-run': 'run1',
      'x-artemis-address': 'node1:8080',
      'x-artemis-clock': expect.stringMatching(/^\d{16}$/),
      authorization: 'Bearer s3cret',
    });
    expect(headers).not.toHaveProperty('x-artemis-status');
    await it2.runtime.time.finish(it2.cluster.leave());
    expect(headers).toMatchObject({ 'x-artemis-status': 'leaving' });
  });

  it('asks a peer that starts ten times as often, until it serves', async () => {
    answer({ status: 'starting' });
    it2.start();
    await advance(100);
    answer({ status: 'up' });
    await until(() => peer().identity?.status === 'up', 501);
    answer({ status: 'starting' });
    await advance(4000);
    expect(peer().identity?.status).toBe('up');
  });

  it('goes from suspect to dead in silence, and comes back', async () => {
    answer();
    it2.start();
    await advance(100);
    it2.gone(node2);
    it2.cluster.callFailed(peer(), 'refused');
    expect([peer().state, it2.cluster.canDeliverTo('node2')]).toEqual(['suspect', false]);
    await until(() => peer().state === 'dead', 16_000);
    expect(peer().lastError).toContain('refused');
    answer();
    await until(() => peer().state === 'alive', 5100);
    expect(it2.told.at(-1)).toBe(`alive ${node2} recovered`);
  });

  it('probes at once after a failed call', async () => {
    answer();
    it2.start();
    await advance(100);
    it2.cluster.callFailed(peer(), 'timeout');
    expect(peer().state).toBe('suspect');
    await advance(10);
    expect(peer().state).toBe('alive');
  });

  it('never calls a peer dead that is heard, though it cannot be reached', async () => {
    it2.start();
    for (let second = 0; second < 60; second += 1) {
      await advance(1000);
      it2.cluster.contacts.heard(fromNode2);
    }
    expect([peer().state, it2.cluster.canDeliverTo('node2')]).toEqual(['suspect', false]);
  });

  it('asks a dead peer at once when it is heard', async () => {
    it2.start();
    await until(() => peer().state === 'dead', 20_000);
    answer();
    it2.cluster.contacts.heard(fromNode2);
    await advance(10);
    expect(peer().state).toBe('alive');
  });

  it('notices a new run by what the peer sends, before the next probe is due', async () => {
    answer();
    it2.start();
    await advance(100);
    answer({ run_id: 'runB' });
    it2.cluster.contacts.heard(sentBy('node2', 'runB'));
    await advance(10);
    expect(it2.told.at(-1)).toBe(`alive ${node2} new-run`);
  });

  it('skips itself, whatever its address in the list', async () => {
    answer({ node_id: 'node1', run_id: 'run1' });
    it2.start();
    await advance(100);
    expect([it2.cluster.peers, it2.told]).toEqual([[], [`added ${node2}`, `removed ${node2}`]]);
  });

  it('knows itself by the name of the run before, when an answer was under way as this one began', async () => {
    answer({ node_id: 'node1', run_id: 'run1' });
    it2.identity.beginRun('run2');
    it2.start();
    await advance(100);
    expect(it2.cluster.peers).toEqual([]);
  });

  it('has one peer where two addresses lead to one node', async () => {
    it2 = watch([node2, 'alias:8080']);
    answer();
    it2.answer('alias:8080', {});
    it2.start();
    await advance(20_000);
    expect(it2.addresses()).toEqual([node2]);
    it2.answer('alias:8080', { node_id: 'node3', run_id: 'runC' });
    await advance(5100);
    expect(it2.addresses()).toEqual([node2, 'alias:8080']);
  });

  it('takes a peer without node status for a foreign one, by its health', async () => {
    it2.answerWith(node2, (path) => (path === '/health' ? { body: 'OK' } : { status: 404 }));
    it2.start();
    await advance(100);
    expect(peer()).toMatchObject({ state: 'alive', identity: undefined });
  });

  it.each([[{ status: 500 }], [{ body: { node_id: 'node2' } }], [{ body: 'hello' }]])(
    'is not content with %j as the answer to a probe',
    async (wrong) => {
      it2.answerWith(node2, () => wrong);
      it2.start();
      await advance(100);
      expect(peer().state).toBe('suspect');
    },
  );

  it('knows when every peer was asked, reachable or not', async () => {
    it2.start();
    expect(it2.cluster.probedAll).toBe(false);
    await advance(1100);
    expect(it2.cluster.probedAll).toBe(true);
  });

  it('follows the clocks of peers, but not too far', async () => {
    const clock = (aheadMs: number) => String((it2.runtime.clock.wallMs() + aheadMs) * 1024);
    const { contacts } = it2.cluster;
    contacts.heard({ ...fromNode2, 'x-artemis-clock': clock(59_000) });
    expect(it2.clockRefusals()).toBe(0);
    contacts.heard({ ...fromNode2, 'x-artemis-clock': clock(3_600_000) });
    contacts.heard({ ...fromNode2, 'x-artemis-clock': 'nonsense' });
    expect(it2.clockRefusals()).toBe(1);
  });

  it('knows the fastest wall clock of the cluster', async () => {
    answer({ wall_time_ms: it2.runtime.clock.wallMs() + 7000 });
    it2.start();
    await advance(100);
    expect(it2.cluster.fastestLeadMs).toBeGreaterThan(6900);
    expect(it2.cluster.fastestLeadMs).toBeLessThanOrEqual(7000);
  });

  it('takes a clock further ahead than two nodes may be for a wrong one, and not for the fastest', async () => {
    answer({ wall_time_ms: it2.runtime.clock.wallMs() + 3_600_000 });
    it2.start();
    await advance(100);
    expect(it2.cluster.fastestLeadMs).toBe(0);
  });

  it('leaves peers alone when the cluster is not enabled, and learns of none', async () => {
    it2 = watch([node2], { cluster: { enabled: false } });
    answer();
    it2.start();
    it2.cluster.contacts.heard(fromNode2);
    await advance(100);
    expect([it2.cluster.peers, it2.cluster.probedAll]).toEqual([[], true]);
  });
});

describe('a peer that leaves', () => {
  beforeEach(async () => {
    answer();
    it2.start();
    await advance(100);
  });

  it('is told apart from one that fails, whatever fails after that', async () => {
    it2.cluster.contacts.heard({ ...fromNode2, 'x-artemis-status': 'leaving' });
    it2.gone(node2);
    expect([peer().state, it2.cluster.canDeliverTo('node2')]).toEqual(['leaving', false]);
    it2.cluster.callFailed(peer(), 'refused');
    await advance(60_000);
    expect(peer().state).toBe('leaving');
    expect(it2.runtime.logger.text()).toContain(`Peer ${node2} is leaving`);
    expect(it2.runtime.logger.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  it('is known by its own answer, too', async () => {
    answer({ status: 'draining' });
    await until(() => peer().state === 'leaving', 5100);
  });

  it('is not brought back by an answer that was under way', async () => {
    void it2.cluster.probeNow(peer());
    it2.cluster.contacts.heard({ ...fromNode2, 'x-artemis-status': 'leaving' });
    await advance(100);
    expect(peer().state).toBe('leaving');
  });

  it('is back when it has started anew', async () => {
    it2.cluster.contacts.heard({ ...fromNode2, 'x-artemis-status': 'leaving' });
    answer({ run_id: 'runB' });
    it2.cluster.contacts.heard(sentBy('node2', 'runB'));
    await advance(10);
    expect([peer().state, it2.told.at(-1)]).toEqual(['alive', `alive ${node2} recovered new-run`]);
  });

  it('is not believed without the secret', async () => {
    it2 = watch([node2], { cluster: { secret: 's3cret' } });
    answer();
    it2.start();
    await advance(100);
    it2.cluster.contacts.heard({ ...fromNode2, 'x-artemis-status': 'leaving' });
    expect(peer().state).toBe('alive');
    const authorization = 'Bearer s3cret';
    it2.cluster.contacts.heard({ ...fromNode2, 'x-artemis-status': 'leaving', authorization });
    expect(peer().state).toBe('leaving');
  });
});
