import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeCluster, type FakeNode } from '../cluster/fake-nodes.fixture.js';
import { exitCodes } from '../exit-codes.js';
import { Failure } from '../failure.js';
import { fakeHost } from '../host.fixture.js';
import { clusterStatus } from './cluster-status.js';

let cluster: FakeCluster;
let node1: FakeNode;
let node2: FakeNode;
let node3: FakeNode;

beforeEach(async () => {
  cluster = new FakeCluster();
  [node1, node2, node3] = (await cluster.start(3)) as [FakeNode, FakeNode, FakeNode];
});
afterEach(() => cluster.stop());

interface Seen {
  readonly exitCode: number;
  readonly lines: readonly string[];
  readonly last: string | undefined;
  readonly text: string;
}

async function status(url = node1.url, timeoutMs = 5000): Promise<Seen> {
  const host = fakeHost();
  const exitCode = await clusterStatus({ urls: [url], json: false }, host, {
    timeoutMs,
    againAfterMs: [0, 0],
  });
  const { lines, text } = host.stdout;
  return { exitCode, lines, last: lines.at(-1), text };
}

const other = '77ab0c1122334455';

describe('nodes that hold the same', () => {
  it('are provably equal', async () => {
    const { exitCode, last } = await status();
    expect(last).toBe('Provably equal: 3 of 3 nodes hold the same 1000 instances (root 3f2a91c0)');
    expect(exitCode).toBe(exitCodes.ok);
  });

  it('are listed, each with what it says of itself', async () => {
    const { lines } = await status();
    expect(lines[0]).toMatch(/^NODE +ADDRESS +VERSION +STATUS +READY +RECORDS +ROOT +UPTIME$/);
    const row = (node: FakeNode, name: string) =>
      new RegExp(`^${name}  ${node.address} +1\\.2\\.3 +up +yes +1000  3f2a91c0  2h 14m$`);
    expect(lines[1]).toMatch(row(node1, 'node1'));
    expect(lines[2]).toMatch(row(node2, 'node2'));
    expect(lines[3]).toMatch(row(node3, 'node3'));
  });

  it('are shown as they see each other', async () => {
    const { lines } = await status(node2.url);
    expect(lines.slice(4, 10)).toEqual([
      '',
      'SEES   node1    node2    node3',
      'node1  -        alive =  alive =',
      'node2  alive =  -        alive =',
      'node3  alive =  alive =  -',
      '= same table, != not the same, ? not known',
    ]);
  });

  it('are equal when there is only one, or one instance', async () => {
    node1.peers = [];
    expect((await status()).last).toBe('Provably equal: the only node holds 1000 instances (root 3f2a91c0)');
    node1.self['live_records'] = 1;
    expect((await status()).last).toBe('Provably equal: the only node holds 1 instance (root 3f2a91c0)');
  });

  it('are found through each other, each asked once though it has several addresses', async () => {
    node1.peers = [node2];
    node2.peers = [node1, node3];
    const { port } = new URL(node1.url);
    const { exitCode, lines } = await status(`http://localhost:${port}`);
    expect(lines.slice(1, 4).map((line) => line.slice(0, 5))).toEqual(['node1', 'node2', 'node3']);
    expect(exitCode).toBe(exitCodes.ok);
  });

  it('are equal after a moment in which changes were under way', async () => {
    node2.self['root_digest'] = other;
    let looks = 0;
    node2.beforeAnswer = () => {
      looks += 1;
      // Each look asks twice: how it is, and whether it is ready.
      if (looks > 2) node2.self['root_digest'] = node1.self['root_digest'];
    };
    const { exitCode, last } = await status();
    expect(last).toMatch(/^Provably equal: 3 of 3/);
    expect(exitCode).toBe(exitCodes.ok);
  });
});

describe('nodes are not equal', () => {
  it('when one of them does not answer', async () => {
    node3.stop();
    node1.views.set(node3.url, {
      status: 'dead',
      digest_equal: false,
      outbox_depth: 120,
      lag_ms: 12_300,
      last_error: 'refused: GET http://node3/health: connect ECONNREFUSED',
    });
    const { exitCode, lines, last } = await status();
    expect(last).toBe('NOT equal: node3 does not answer (connection refused)');
    expect(exitCode).toBe(exitCodes.failure);
    expect(lines[3]).toMatch(/^node3  127\.0\.0\.1:\d+ +- +no answer +- +- +- +-$/);
    expect(lines).toContain('SEES   node1    node2    node3');
    expect(lines).toContain('node1  -        alive =  dead 120 wait 12s');
    expect(lines).toContain('5 wait 12s: 5 changes wait for it, the oldest for 12 s');
    expect(lines).toContain('node1 cannot call node3: refused: connect ECONNREFUSED');
    expect(lines.filter((line) => line.startsWith('node3 '))).toHaveLength(1);
  });

  it.each([
    ['hangs', 'silence', 'silent for 0.2 s'],
    ['answers with a failure', { status: 404, body: '{}' }, 'HTTP 404'],
    ['answers something else', { status: 200, body: '{"self":{}}' }, 'no status of a cluster in its answer'],
    ['answers no JSON', { status: 200, body: '<html>' }, 'no status of a cluster in its answer'],
  ] as const)('when one of them %s', async (_what, instead, reason) => {
    node3.instead = instead;
    const { exitCode, last } = await status(node1.url, instead === 'silence' ? 200 : 5000);
    expect(last).toContain(`node3 does not answer (${reason})`);
    expect(exitCode).toBe(exitCodes.failure);
  });

  it('when they hold different tables', async () => {
    Object.assign(node2.self, { live_records: 998, root_digest: other });
    const { exitCode, last } = await status();
    expect(last).toBe(
      'NOT equal: node1 and node3 hold 1000 instances (root 3f2a91c0); node2 holds 998 (root 77ab0c11)',
    );
    expect(exitCode).toBe(exitCodes.failure);
  });

  it('when one is still joining', async () => {
    node2.self['synced'] = false;
    node2.readiness = { ready: false, gates: { synced: { open: false, reason: 'still joining' } } };
    const { exitCode, lines, last } = await status();
    expect(last).toBe('NOT equal: node2 is still joining');
    expect(exitCode).toBe(exitCodes.failure);
    expect(lines[2]).toMatch(/ up +no: synced +1000 /);
  });

  it('when one is too old to tell a digest', async () => {
    node2.self = { node_id: 'node2', run_id: 'r', status: 'up', version: '0.1.0', live_records: 1000 };
    node1.views.set(node2.url, { digest_equal: undefined });
    const { exitCode, lines, last } = await status();
    expect(last).toBe('NOT equal: node2 (version 0.1.0) tells no digest of what it holds');
    expect(exitCode).toBe(exitCodes.failure);
    expect(lines).toContain('node1  -        alive ?  alive =');
  });

  it('when two have the same id', async () => {
    node3.self['node_id'] = 'node2';
    expect((await status()).last).toBe('NOT equal: 2 nodes call themselves node2');
  });

  it('when one does not know all of them, which is no reason by itself', async () => {
    node3.peers = [node2];
    const { exitCode, lines } = await status();
    expect(exitCode).toBe(exitCodes.ok);
    expect(lines).toContain('node3  unknown  alive =  -');
  });
});

describe('the matrix', () => {
  it('tells a peer that is to be repaired, and any state there may come to be', async () => {
    node1.views.set(node2.url, { status: 'leaving', repair_pending: true });
    node2.views.set(node1.url, { digest_equal: false, repair_pending: true });
    const { lines } = await status();
    expect(lines).toContain('node1  -                leaving repair  alive =');
    expect(lines).toContain('node2  alive != repair  -               alive =');
    expect(lines).toContain('repair: it missed changes, which are to be found by comparing');
  });

  it('goes on below where the terminal is too narrow for its columns', async () => {
    const host = fakeHost();
    host.stdout.isTTY = true;
    host.stdout.columns = 30;
    await clusterStatus({ urls: [node1.url], json: false }, fakeHostWithoutColours(host), {
      timeoutMs: 5000,
      againAfterMs: [],
    });
    const { lines } = host.stdout;
    expect(lines).toContain('SEES   node1    node2');
    expect(lines).toContain('SEES   node3');
  });
});

function fakeHostWithoutColours(host: ReturnType<typeof fakeHost>): typeof host {
  return { ...host, env: { NO_COLOR: '1' } };
}

describe('what a terminal shows', () => {
  async function atTerminal(env: Record<string, string>): Promise<string> {
    const host = fakeHost(env);
    host.stdout.isTTY = true;
    await clusterStatus({ urls: [node1.url], json: false }, host, { timeoutMs: 5000, againAfterMs: [] });
    return host.stdout.text;
  }

  it('has colours, unless NO_COLOR is set', async () => {
    expect(await atTerminal({})).toContain('\u001b[32malive\u001b[39m =');
    expect(await atTerminal({ NO_COLOR: '1' })).not.toContain('\u001b');
    expect((await status()).text).not.toContain('\u001b');
  });

  it('cannot be painted by a node', async () => {
    node2.self['version'] = '\u001b[2J';
    expect(await atTerminal({ NO_COLOR: '1' })).toContain(' \\u001b[2J ');
  });

  it('fits 80 columns with long addresses, which are cut off', async () => {
    node1.self['address'] = 'artemis-0.artemis-headless.registry.svc.cluster.local:8080';
    const text = await atTerminal({ NO_COLOR: '1' });
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(text).toMatch(/^node1 +artemis-0\.artemis-h.*… +1\.2\.3 /m);
  });
});

it('is printed as JSON for programs', async () => {
  const host = fakeHost();
  node3.stop();
  const pace = { timeoutMs: 5000, againAfterMs: [] };
  expect(await clusterStatus({ urls: [node1.url], json: true }, host, pace)).toBe(exitCodes.failure);
  expect(JSON.parse(host.stdout.text)).toEqual({
    equal: false,
    summary: 'NOT equal: node3 does not answer (connection refused)',
    problems: ['node3 does not answer (connection refused)'],
    nodes: [
      expect.objectContaining({ name: 'node1', answered: true, readiness: node1.readiness }),
      expect.objectContaining({
        name: 'node2',
        url: node2.url,
        self: node2.self,
        peers: expect.arrayContaining([expect.objectContaining({ node_id: 'node1', digest_equal: true })]),
      }),
      {
        name: 'node3',
        url: node3.url,
        address: node3.address,
        answered: false,
        error: 'connection refused',
      },
    ],
  });
});

it('says that nothing can be said when the node itself does not answer', async () => {
  node1.stop();
  const failure: unknown = await status().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Failure);
  expect(failure).toMatchObject({
    message: `cannot ask the node at ${node1.url}: connection refused\nName another with --addr or ARTEMIS_ADDR`,
    exitCode: exitCodes.unknown,
  });
});
