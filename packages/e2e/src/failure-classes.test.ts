import { aKey, anInstance } from '@artemis/core/testing';
import { beforeAll, describe, expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { FakePeer } from './harness/fake-peer.js';
import { startNode, untilConnected, type NodeProcess } from './harness/node-process.js';
import { freePort, host } from './harness/ports.js';
import { accept, answerWith, garbage, hang, reset, type Reaction } from './harness/reactions.js';
import { useStage } from './harness/stage.js';

/** Failures that pass: what the peer missed is sent again until it takes it. */
const passing: Readonly<Record<string, Reaction>> = {
  'is busy (429)': answerWith(429),
  'cannot serve (503)': answerWith(503),
  'fails (500)': answerWith(500),
  'sits behind a proxy that fails (502)': answerWith(502),
  'times out (hangs)': hang,
  'resets the connection': reset,
  'answers garbage': garbage,
  'answers 200 with JSON of something else': answerJson({ hello: 'world' }),
};

/** Failures that the same request will always meet. */
const final: Readonly<Record<string, number>> = {
  'refuses (400)': 400,
  'redirects (302)': 302,
  'finds it too large (413)': 413,
};

describe('a peer that', () => {
  const stage = useStage();
  const peers = new Map<string, FakePeer>();
  let node: NodeProcess;

  beforeAll(async () => {
    for (const name of [...Object.keys(passing), ...Object.keys(final), 'asks for a pause'])
      peers.set(name, await FakePeer.start(stage, `peer-${peers.size}`));
    node = await startNode(stage, {
      name: 'node1',
      port: await freePort(),
      peers: [...peers.values()].map(({ address }) => address),
      settings: {
        cluster: { health_check_interval_ms: 1000, probe_timeout_ms: 1000 },
        replication: { timeout_secs: 1, max_retries: 3 },
      },
    });
    await untilConnected([node]);
  });

  function peerThat(name: string): FakePeer {
    const peer = peers.get(name);
    if (peer === undefined) throw new Error(`there is no peer that ${name}`);
    return peer;
  }

  async function register(id: string, port: number): Promise<void> {
    await node.api.register([anInstance({ instance_id: id, port })]);
  }

  for (const [name, reaction] of Object.entries(passing)) {
    stage.test(`${name} is tried again and then has the newest state of everything`, async () => {
      const peer = peerThat(name);
      peer.react = reaction;
      const [changed, removed] = [`${name} changed`, `${name} removed`];
      await register(changed, 1);
      await register(removed, 1);
      await eventually(() => expect(peer.about(changed).length).toBeGreaterThanOrEqual(2), {
        within: 20_000,
      });
      await register(changed, 2);
      await node.api.unregister([aKey({ instance_id: removed })]);

      peer.react = accept;
      await eventually(
        () => {
          expect(peer.accepted(changed)).toMatchObject({ port: 2, replica: { state: 'alive' } });
          expect(peer.accepted(removed)).toMatchObject({ reason: 'unregistered' });
        },
        { within: 20_000 },
      );
      await eventually(async () => expect(await outboxOf(peer)).toBe(0));
    });
  }

  stage.test('asks for a pause (429 with Retry-After) is left alone for so long', async () => {
    const peer = peerThat('asks for a pause');
    peer.react = answerWith(429, { 'Retry-After': '2' });
    await register('paused', 1);
    await eventually(() => expect(peer.about('paused')).toHaveLength(1));
    peer.react = accept;
    await eventually(() => expect(peer.accepted('paused')).toBeDefined());
    const [first, second] = peer.about('paused');
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(2000);
  });

  for (const [name, status] of Object.entries(final)) {
    stage.test(`${name} is not asked again, and the log says so once`, async () => {
      const peer = peerThat(name);
      peer.react = answerWith(status, { Location: `http://${host}:1/elsewhere` });
      const [first, second] = [`${name} first`, `${name} second`];
      await register(first, 1);
      await eventually(() => expect(peer.about(first)).toHaveLength(1));
      await register(second, 1);
      await eventually(() => expect(peer.about(second)).toHaveLength(1));

      peer.react = accept;
      await register('taken', 1);
      await eventually(() => expect(peer.accepted('taken')).toBeDefined());
      expect(peer.about(first)).toHaveLength(1);
      expect(peer.about(second)).toHaveLength(1);
      const complaints = node.log.split('\n').filter((line) => line.includes(`${peer.address} refuses`));
      expect(complaints).toHaveLength(1);
      expect(complaints[0]).toContain(`HTTP ${status}`);
      const rejected = { peer: peer.address, event: 'rejected' };
      expect((await node.api.metrics()).sum('artemis_replication_requests_total', rejected)).toBe(2);
    });
  }

  async function outboxOf(peer: FakePeer): Promise<number | undefined> {
    const { peers: seen } = await node.api.cluster();
    return seen.find(({ address }) => address === peer.address)?.outbox_depth;
  }
});

function answerJson(body: unknown): Reaction {
  return (response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body));
  };
}
