import type { RequestHeaders } from '@artemis/core';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Watched } from './cluster.fixture.js';
import { sentBy, watch } from './cluster.fixture.js';

const node2 = 'node2:8080';
const node4 = 'node4:8080';
const fromNode4 = sentBy('node4', 'run4');
let it2: Watched;

async function begin(watched: Watched): Promise<void> {
  it2 = watched;
  it2.answer(node2, {});
  it2.answer(node4, { node_id: 'node4', run_id: 'run4' });
  it2.start();
  await it2.runtime.time.advance(100);
}

async function hear(headers: RequestHeaders): Promise<void> {
  it2.cluster.contacts.heard(headers);
  await it2.runtime.time.advance(100);
}

beforeEach(() => begin(watch([node2])));

describe('a node that is in no list', () => {
  it('becomes a peer when it sends, and is found to be who it says', async () => {
    await hear(fromNode4);
    expect(it2.addresses()).toEqual([node2, node4]);
    expect(it2.told.slice(-2)).toEqual([`added ${node4}`, `alive ${node4} recovered new-run`]);
    expect(it2.cluster.peers[1]?.source).toBe('learned');
    expect(it2.cluster.canDeliverTo('node4')).toBe(true);
  });

  it.each([
    ['answers with another name', fromNode4, { node_id: 'node5' }],
    ['claims to be where another peer is', sentBy('node4', 'run4', { 'x-artemis-address': node2 }), {}],
    ['claims no address', { ...fromNode4, 'x-artemis-address': undefined }, {}],
    ['claims a URL', { ...fromNode4, 'x-artemis-address': `http://${node4}` }, {}],
    ['claims no address that can be called', { ...fromNode4, 'x-artemis-address': '0.0.0.0:8080' }, {}],
    ['claims a path', { ...fromNode4, 'x-artemis-address': `${node4}/health` }, {}],
    ['claims the address of this node', { ...fromNode4, 'x-artemis-address': 'node1:8080' }, {}],
    ['is this node', { ...fromNode4, 'x-artemis-run': 'run1' }, {}],
    ['leaves', { ...fromNode4, 'x-artemis-status': 'leaving' }, {}],
  ])('is no peer when it %s', async (_what, headers, status) => {
    it2.answer(node4, { node_id: 'node4', run_id: 'run4', ...status });
    await hear(headers);
    expect(it2.addresses()).toEqual([node2]);
  });

  it('is asked once in a while only, when it does not answer', async () => {
    it2.gone(node4);
    it2.runtime.network.resetTraffic();
    for (let turn = 0; turn < 20; turn += 1) await hear(fromNode4);
    expect(it2.runtime.network.traffic({ to: `http://${node4}` }).requests).toBe(1);
    await it2.runtime.time.advance(5000);
    it2.answer(node4, { node_id: 'node4', run_id: 'run4' });
    await hear(fromNode4);
    expect(it2.addresses()).toEqual([node2, node4]);
  });

  it('must show the secret where there is one', async () => {
    await begin(watch([node2], { cluster: { secret: 's3cret' } }));
    await hear(fromNode4);
    await hear({ ...fromNode4, authorization: 'Bearer guess' });
    expect(it2.addresses()).toEqual([node2]);
    await hear({ ...fromNode4, authorization: 'Bearer s3cret' });
    expect(it2.addresses()).toEqual([node2, node4]);
  });

  it('is forgotten when nothing was heard of it for the retention', async () => {
    await hear(fromNode4);
    it2.gone(node4);
    await it2.runtime.time.advance(1_490_000);
    expect(it2.addresses()).toEqual([node2, node4]);
    await it2.runtime.time.advance(20_000);
    expect(it2.addresses()).toEqual([node2]);
  });

  it('stays the peer that it is when the configuration names it', async () => {
    await hear(fromNode4);
    const [, learned] = it2.cluster.peers;
    void it2.cluster.configure([node2, node4]);
    expect(it2.cluster.peers[1]).toBe(learned);
    expect(learned?.source).toBe('configured');
  });

  it('is no second peer when the configuration has it under another address', async () => {
    await hear(fromNode4);
    it2.answer('way-to-node4:8080', { node_id: 'node4', run_id: 'run4' });
    void it2.cluster.configure([node2, 'way-to-node4:8080']);
    await it2.runtime.time.advance(100);
    expect(it2.addresses()).toEqual([node2, 'way-to-node4:8080']);
    await hear(fromNode4);
    expect(it2.addresses()).toEqual([node2, 'way-to-node4:8080']);
  });

  it('is found under the address of the configuration before it is learned under its own', async () => {
    await begin(watch([node2, 'way-to-node4:8080']));
    it2.answer('way-to-node4:8080', { node_id: 'node4', run_id: 'run4' });
    await hear(fromNode4);
    expect(it2.addresses()).toEqual([node2, 'way-to-node4:8080']);
    expect(it2.told).not.toContain(`added ${node4}`);
  });

  it('is not expected at its old address when it started anew elsewhere', async () => {
    await hear(fromNode4);
    it2.gone(node4);
    await it2.runtime.time.advance(30_000);
    it2.answer('10.0.0.9:8080', { node_id: 'node4', run_id: 'run5' });
    await hear(sentBy('node4', 'run5', { 'x-artemis-address': '10.0.0.9:8080' }));
    expect(it2.addresses()).toEqual([node2, '10.0.0.9:8080']);
  });

  it('is one of at most 256', async () => {
    for (let index = 0; index < 300; index += 1) {
      const [name, run] = [`n${index}`, `r${index}`];
      it2.answer(`${name}:8080`, { node_id: name, run_id: run });
      await hear(sentBy(name, run));
    }
    expect(it2.addresses()).toHaveLength(1 + 256);
  });
});
