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

const advance = (ms: number) => it2.runtime.time.advance(ms);
const answer = (node: Partial<NodeStatus> = {}) => it2.answer(node2, node);

describe('peers of the configuration', () => {
  it('come and go with it', async () => {
    answer();
    it2.answer('node3:8080', { node_id: 'node3', run_id: 'runC' });
    it2.start();
    await advance(100);
    void it2.cluster.configure([node2, 'node3:8080']);
    await advance(100);
    expect(it2.cluster.canDeliverTo('node3')).toBe(true);
    void it2.cluster.configure(['node3:8080']);
    expect(it2.addresses()).toEqual(['node3:8080']);
    expect(it2.told.filter((line) => !line.startsWith('alive'))).toEqual([
      `added ${node2}`,
      'added node3:8080',
      `removed ${node2}`,
    ]);
  });

  it('that were taken out are not learned again until they start anew', async () => {
    answer();
    it2.start();
    await advance(100);
    void it2.cluster.configure([]);
    it2.cluster.contacts.heard(fromNode2);
    await advance(100);
    expect(it2.addresses()).toEqual([]);
    answer({ run_id: 'runB' });
    it2.cluster.contacts.heard(sentBy('node2', 'runB'));
    await advance(100);
    expect(it2.addresses()).toEqual([node2]);
  });

  it('are every address of a name, but not this node itself', async () => {
    it2 = watch(['dns+http://nodes.local:8080']);
    it2.runtime.resolver.set('nodes.local', ['10.0.0.1', '10.0.0.2']);
    it2.answer('10.0.0.1:8080', { node_id: 'node1', run_id: 'run1' });
    it2.answer('10.0.0.2:8080', {});
    it2.start();
    await advance(100);
    expect([it2.addresses(), it2.cluster.probedAll]).toEqual([['10.0.0.2:8080'], true]);
    it2.runtime.resolver.set('nodes.local', ['10.0.0.1', '10.0.0.3']);
    it2.answer('10.0.0.3:8080', { node_id: 'node3', run_id: 'runC' });
    await advance(5100);
    expect(it2.addresses()).toEqual(['10.0.0.3:8080']);
    expect(it2.cluster.canDeliverTo('node3')).toBe(true);
  });

  it('are called by the name that led to them, which certificates are made out to', async () => {
    it2 = watch(['dns+https://nodes.local:8443']);
    it2.runtime.resolver.set('nodes.local', ['10.0.0.2']);
    let host: string | undefined;
    it2.runtime.network.attach('https://10.0.0.2:8443', async ({ headers }) => {
      host = headers['host'];
      return { status: 200, headers: {}, body: aNode({}, it2.runtime) };
    });
    it2.start();
    await advance(100);
    expect([it2.cluster.canDeliverTo('node2'), host]).toEqual([true, 'nodes.local:8443']);
  });

  it('are there at once while a name cannot be looked up', async () => {
    it2 = watch([node2, 'dns+http://nodes.local:8080']);
    answer();
    it2.start();
    await advance(100);
    expect([it2.addresses(), it2.cluster.probedAll]).toEqual([[node2], true]);
  });
});
