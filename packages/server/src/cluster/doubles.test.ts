import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Watched } from './cluster.fixture.js';
import { sentBy, watch } from './cluster.fixture.js';

const first = 'node2:8080';
const second = '10.0.0.9:8080';
let it2: Watched;

const advance = (ms: number) => it2.runtime.time.advance(ms);
const doubles = () =>
  it2.cluster.peers.filter(({ double }) => double !== undefined).map(({ address }) => address);
const errors = () => it2.runtime.logger.lines.filter(({ level }) => level === 'error');

describe('two peers with one node id', () => {
  beforeEach(async () => {
    it2 = watch([first, second]);
    it2.answer(first, { run_id: 'runA' });
    it2.start();
    await advance(6000);
  });

  it('are told of, once, and until one of them is gone', async () => {
    it2.answer(second, { run_id: 'runB' });
    await advance(20_000);
    expect(doubles()).toEqual([first, second]);
    expect(errors().map(({ message }) => message)).toEqual([
      `Several nodes run with the node id node2, at ${first} and ${second}. Give each node a server.node_id of its own`,
    ]);
    it2.gone(second);
    await advance(20_000);
    expect(doubles()).toEqual([]);
    expect(it2.runtime.logger.text()).toContain('No second node runs with the node id node2 any more');
  });

  it('are none when the first does not answer any more: it was started anew elsewhere', async () => {
    it2.gone(first);
    it2.answer(second, { run_id: 'runB' });
    await advance(30_000);
    expect([doubles(), errors()]).toEqual([[], []]);
    expect(it2.cluster.canDeliverTo('node2')).toBe(true);
  });

  it('are none while one of them leaves', async () => {
    it2.answer(first, { run_id: 'runA', status: 'draining' });
    it2.answer(second, { run_id: 'runB' });
    await advance(30_000);
    expect([doubles(), errors()]).toEqual([[], []]);
  });
});

describe('a second node with the id of this one', () => {
  const headers = sentBy('node1', 'runB', { 'x-artemis-address': first });

  beforeEach(() => {
    it2 = watch([first]);
  });

  it('is told nothing and listened to in nothing, as long as it is there', async () => {
    it2.answer(first, { node_id: 'node1', run_id: 'runB' });
    it2.start();
    await advance(100);
    expect(it2.told).toEqual([`added ${first}`, `removed ${first}`]);
    expect([doubles(), it2.cluster.canDeliverTo('node1')]).toEqual([[first], false]);
    expect(errors()).toHaveLength(1);
    expect(it2.cluster.contacts.admit(headers)).toBe('forbidden');
    await advance(60_000);
    expect([it2.told.length, errors().length]).toEqual([2, 1]);
    it2.answer(first, { node_id: 'node2', run_id: 'runC' });
    await advance(5100);
    expect(it2.told.slice(2)).toEqual([`added ${first}`, `alive ${first} new-run`]);
    expect(doubles()).toEqual([]);
  });

  it('is found by what it sends, when it is in no list', async () => {
    it2 = watch([]);
    it2.answer(first, { node_id: 'node1', run_id: 'runB' });
    it2.start();
    await advance(100);
    expect(it2.cluster.contacts.admit(headers)).toBe('forbidden');
    await advance(100);
    expect([doubles(), errors().length]).toEqual([[first], 1]);
  });

  it('may hand over what it has while it stops', () => {
    expect(it2.cluster.contacts.admit({ ...headers, 'x-artemis-status': 'leaving' })).toBe('admitted');
  });

  it('is not this node itself, which may have begun another run', () => {
    it2.identity.beginRun('run2');
    expect(it2.cluster.contacts.admit(sentBy('node1', 'run1'))).toBe('admitted');
  });
});
