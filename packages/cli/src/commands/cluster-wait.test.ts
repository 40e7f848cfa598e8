import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeCluster, type FakeNode } from '../cluster/fake-nodes.fixture.js';
import { exitCodes } from '../exit-codes.js';
import { fakeHost, type FakeHost } from '../host.fixture.js';
import { clusterWait, type ClusterWaitOptions } from './cluster-wait.js';

let cluster: FakeCluster;
let node1: FakeNode;
let node2: FakeNode;

beforeEach(async () => {
  cluster = new FakeCluster();
  [node1, node2] = (await cluster.start(2)) as [FakeNode, FakeNode];
});
afterEach(() => cluster.stop());

/** Waits as long as it takes, unless told otherwise. */
async function wait(wanted: Partial<ClusterWaitOptions>, host: FakeHost = fakeHost()) {
  const options = { urls: [node1.url], timeoutMs: 60_000, equal: false, ready: false, ...wanted };
  const exitCode = await clusterWait(options, host, 1);
  return { exitCode, out: host.stdout.lines, err: host.stderr.text };
}

const noTime = { timeoutMs: 0 };
const after = /, after [\d.]+ s$/;

describe('artemis cluster wait', () => {
  it('ends at once when all is as wanted', async () => {
    const { exitCode, out, err } = await wait({ equal: true, ready: true, nodes: 2 });
    expect(exitCode).toBe(exitCodes.ok);
    expect(out).toHaveLength(1);
    expect(out[0]?.replace(after, '')).toBe(
      'Provably equal: 2 of 2 nodes hold the same 1000 instances (root 3f2a91c0), 2 nodes ready',
    );
    expect(out[0]).toMatch(after);
    expect(err).toBe('');
  });

  it('looks again until the nodes are equal', async () => {
    const root = node2.self['root_digest'];
    let asked = 0;
    node2.self['root_digest'] = '00';
    node2.beforeAnswer = () => {
      asked += 1;
      if (asked === 8) node2.self['root_digest'] = root;
    };
    const { exitCode, out } = await wait({ equal: true });
    expect(exitCode).toBe(exitCodes.ok);
    expect(out).toEqual([expect.stringMatching(/^Provably equal: 2 of 2 nodes/)]);
    expect(asked).toBeGreaterThanOrEqual(8);
  });

  it('says what is missing when the time is over', async () => {
    node2.self['root_digest'] = '77ab0c1122334455';
    node2.readiness = { ready: false, gates: { clock: { open: false, reason: 'the clock is wrong' } } };
    const { exitCode, out, err } = await wait({ equal: true, ready: true, nodes: 3, ...noTime });
    expect(exitCode).toBe(exitCodes.failure);
    expect(out).toEqual([
      'Not within 0 s: node1 holds 1000 instances (root 3f2a91c0); node2 holds 1000 (root 77ab0c11); ' +
        'node2 is not ready (the clock is wrong); 2 of 3 nodes answer',
    ]);
    expect(err).toBe('');
  });

  it.each<[Partial<ClusterWaitOptions>, string]>([
    [{ ready: true }, '2 nodes ready'],
    [{ nodes: 1 }, '2 nodes there'],
    [{ nodes: 2, ready: true }, '2 nodes ready'],
  ])('%j alone does not ask for equal tables', async (wanted, line) => {
    node2.self['root_digest'] = '00';
    const { exitCode, out } = await wait(wanted);
    expect(exitCode).toBe(exitCodes.ok);
    expect(out[0]?.replace(after, '')).toBe(line);
  });

  it('names once a node that does not answer', async () => {
    node2.stop();
    const { exitCode, out } = await wait({ equal: true, ready: true, ...noTime });
    expect(exitCode).toBe(exitCodes.failure);
    expect(out).toEqual(['Not within 0 s: node2 does not answer (connection refused)']);
  });

  it('tells apart that no node ever answered', async () => {
    cluster.stop();
    const { exitCode, out } = await wait({ equal: true, ...noTime });
    expect(exitCode).toBe(exitCodes.unknown);
    expect(out).toEqual([`Not within 0 s: ${node1.address} does not answer (connection refused)`]);
  });

  it('forgets a node that nobody knows any more', async () => {
    let asked = 0;
    node1.beforeAnswer = () => {
      asked += 1;
      if (asked === 1) node2.self['root_digest'] = '00';
      if (asked === 5) {
        node1.peers = [];
        node2.stop();
      }
    };
    const { exitCode, out } = await wait({ equal: true });
    expect(exitCode).toBe(exitCodes.ok);
    expect(out).toEqual([expect.stringMatching(/^Provably equal: the only node/)]);
  });

  it('shows at a terminal what it waits for, and takes that away again', async () => {
    const host = fakeHost();
    host.stderr.isTTY = true;
    host.stderr.columns = 40;
    let asked = 0;
    node2.readiness = { ready: false, gates: {} };
    node2.beforeAnswer = () => {
      asked += 1;
      if (asked === 8) node2.readiness = { ready: true };
    };
    const { err } = await wait({ ready: true }, host);
    expect(err).toMatch(/^[\d.]+ s: node2 is not ready\r/);
    expect(err.endsWith('\r\u001b[2K')).toBe(true);
  });
});
