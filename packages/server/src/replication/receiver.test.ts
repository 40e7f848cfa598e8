import { encodeRecord, encodeRemoval, encodeVersion, expiryOf, stampAt, unregistered } from '@artemis/core';
import { aKey, anAliveRecord, anInstance } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { SimCluster, SimNode } from '../node.fixture.js';
import { listed, threeNodes } from '../node.fixture.js';

const headers = { 'x-artemis-replication': 'true', 'x-artemis-node': 'node9' };
const success = { response_status: { error_code: 'success' } };

let cluster: SimCluster;
let receiver: SimNode['node']['state']['peers'];

beforeEach(async () => {
  cluster = await threeNodes();
  receiver = cluster.nodes[0].node.state.peers;
});

const nowStamp = (aheadMs = 0): number => stampAt(cluster.time.startWallMs + cluster.time.nowMs + aheadMs);
const record = (aheadMs = 0) =>
  anAliveRecord({ version: { stamp: nowStamp(aheadMs), origin: 'node9#r', owner: 'node9' } });
const wire = (aheadMs = 0) => encodeRecord({ record: record(aheadMs), ageMs: 100 });
const finish = <Value>(promise: Promise<Value>): Promise<Value> => cluster.time.finish(promise);
const copied = async (): Promise<string[][]> => {
  await cluster.time.advance(500);
  return cluster.nodes.map((node) => listed(node));
};

describe('admit', () => {
  it('names in the log who comes without the secret, once', async () => {
    const { nodes } = await threeNodes({ cluster: { secret: 's3cret' } });
    const { node, runtime } = nodes[0];
    for (let request = 0; request < 3; request += 1)
      expect(node.state.peers.admit(headers)).toBe('unauthorized');
    expect(runtime.logger.text().match(/Refused replication of node9: its cluster secret/g)).toHaveLength(1);
    for (let number = 0; number < 1000; number += 1) {
      node.state.peers.admit({ ...headers, 'x-artemis-node': `n${number}` });
    }
    expect(runtime.logger.text().match(/Refused replication/g)).toHaveLength(100);
  });
});

describe('replicated register', () => {
  it('is applied with its version and never passed on', async () => {
    expect(await finish(receiver.register([wire()], headers))).toEqual(success);
    expect(await copied()).toEqual([['inst-1'], [], []]);
    expect(cluster.nodes[0].runtime.logger.text()).toContain(
      'Replication request register: 1 items from node9 (X-Artemis-Replication)',
    );
  });

  it('keeps fields that this version does not know, and answers them to peers', async () => {
    await finish(receiver.register([{ ...wire(), colour: 'red' }], headers));
    expect([...receiver.services()][0]?.instances[0]).toMatchObject({
      colour: 'red',
      replica: { state: 'alive' },
    });
  });

  it('answers a newer record once, however often it is asked for, and says once what its clock refuses', async () => {
    await finish(receiver.register([wire(10)], headers));
    const stale = { ...aKey(), version: encodeVersion(record().version), age_ms: 0 };
    const answer = receiver.heartbeat(Array(50).fill(stale), headers);
    expect(answer.newer_instances).toHaveLength(1);
    await finish(
      receiver.register(Array(50).fill(wire(3_600_000)), { ...headers, 'x-artemis-node': 'n'.repeat(9_000) }),
    );
    await cluster.time.advance(10);
    const lines = cluster.nodes[0].runtime.logger.text().split('\n');
    const warnings = lines.filter((line) => line.includes('stamped too far ahead'));
    expect(warnings).toEqual([expect.stringMatching(/A record and 49 more of n{255} stamped too far ahead/)]);
  });

  it('takes a few in with the turn in which they were parsed, and many in later ones', async () => {
    const many = (count: number, prefix: string) =>
      Array.from({ length: count }, (_, id) => {
        const { version } = record();
        const one = anAliveRecord({ instance: { instance_id: `${prefix}${id}` }, version });
        return encodeRecord({ record: one, ageMs: 100 });
      });
    const few = receiver.register(many(20, 'a'), headers);
    expect(listed(cluster.nodes[0])).toHaveLength(20);
    await finish(few);
    const all = receiver.register(many(60, 'b'), headers);
    expect(listed(cluster.nodes[0])).toHaveLength(20);
    expect(await finish(all)).toEqual(success);
    expect(listed(cluster.nodes[0])).toHaveLength(80);
  });

  it('answers the newer record', async () => {
    const newer = wire(10);
    await finish(receiver.register([newer], headers));
    const answer = await finish(receiver.register([wire()], headers));
    expect(answer.newer_instances).toMatchObject([{ replica: { version: newer.replica.version } }]);
  });

  it('takes the bare key of a removal', async () => {
    await finish(receiver.register([wire()], headers));
    const removal = unregistered(record().key, aKey(), { ...record(10).version, owner: '' });
    expect(await finish(receiver.register([encodeRecord({ record: removal, ageMs: 0 })], headers))).toEqual(
      success,
    );
    expect(listed(cluster.nodes[0])).toEqual([]);
  });

  it('takes a plain instance for a client’s request at this node and passes it on', async () => {
    expect(await finish(receiver.register([anInstance()], headers))).toEqual(success);
    expect(await copied()).toEqual([['inst-1'], ['inst-1'], ['inst-1']]);
  });

  it('refuses broken items one by one, each with the path of the field', async () => {
    const alive = wire();
    const odd = { ...alive, replica: { ...alive.replica, version: [nowStamp(), 'node9#r', 1, ''] } };
    const answer = await finish(
      receiver.register(
        [
          { ...alive, port: -1 },
          odd,
          { ...alive, replica: {} },
          { ...alive, instance_id: 'good' },
          { ...anInstance(), ip: '' },
        ],
        headers,
      ),
    );
    expect(answer.response_status.error_code).toBe('partial_fail');
    expect(answer.failed_instances?.map(({ error_message: message }) => message)).toEqual([
      expect.stringContaining('instances[0]'),
      'instances[1]: instance, state and version do not belong together',
      expect.stringContaining('instances[2]'),
      expect.stringContaining('ip'),
    ]);
    expect(listed(cluster.nodes[0])).toEqual(['good']);
  });

  it('refuses a stamp from the far future, in a class of its own, and counts it', async () => {
    const answer = await finish(receiver.register([wire(61_000)], headers));
    expect(answer.failed_instances?.[0]?.error_message).toContain('clock is too far ahead');
    const { text } = await cluster.nodes[0].node.state.metrics.render();
    expect(text).toContain('artemis_clock_refusals_total{source="record"} 1');
  });

  it('is bad-request for an empty list', async () => {
    expect((await finish(receiver.register([], headers))).response_status.error_code).toBe('bad-request');
  });
});

describe('replicated heartbeat', () => {
  const renewal = (version = record().version) => ({
    ...aKey(),
    version: encodeVersion(version),
    age_ms: 40,
  });

  it('renews what is held in that version', async () => {
    const { version } = record();
    await finish(
      receiver.register([encodeRecord({ record: { ...record(), version }, ageMs: 9000 })], headers),
    );
    expect(receiver.heartbeat([renewal(version)], headers)).toEqual(success);
    const { services } = cluster.nodes[0].node.state.leases.leases({});
    expect(services[0]?.leases[0]).toMatchObject({ owner: 'node9', age_ms: 40, remaining_ms: 29_960 });
  });

  it('lists what is missing or older here', async () => {
    const missing = renewal();
    expect(receiver.heartbeat([missing], headers)).toEqual({ ...success, failed_instance_keys: [missing] });
    await finish(receiver.register([wire()], headers));
    const later = renewal(record(10).version);
    expect(receiver.heartbeat([later], headers).failed_instance_keys).toEqual([later]);
  });

  it('takes a plain key for a renewal by a client at this node', async () => {
    await finish(cluster.nodes[0].node.state.registry.register([anInstance()]));
    await cluster.time.advance(5000);
    expect(receiver.heartbeat([aKey()], headers)).toEqual(success);
    await cluster.time.advance(500);
    const [lease] = cluster.nodes[1].node.state.leases.leases({}).services[0]?.leases ?? [];
    expect(lease?.age_ms).toBeLessThan(600);
    expect(receiver.heartbeat([aKey({ instance_id: 'who' })], headers).failed_instance_keys).toHaveLength(1);
  });

  it('names a broken renewal', () => {
    const answer = receiver.heartbeat([{ ...renewal(), age_ms: -1 }], headers);
    expect(answer.response_status.error_message).toContain('instance_keys[0].age_ms: ');
  });
});

describe('replicated unregister', () => {
  it('applies removals and expiries, and never passes them on', async () => {
    await finish(cluster.nodes[1].node.state.registry.register([anInstance()]));
    await cluster.time.advance(100);
    const removal = unregistered(record().key, aKey(), { ...record().version, owner: '' });
    expect(await finish(receiver.unregister([encodeRemoval(removal)], headers))).toEqual(success);
    expect(await copied()).toEqual([[], ['inst-1'], ['inst-1']]);
  });

  it('refuses an expiry whose instance has another key', async () => {
    const expiry = encodeRemoval(expiryOf(record()));
    const answer = await finish(receiver.unregister([{ ...expiry, instance_id: 'other' }], headers));
    expect(answer.response_status.error_message).toContain('do not belong together');
    expect(answer.failed_instance_keys).toHaveLength(1);
  });

  it('takes a plain key for a client’s request and passes it on', async () => {
    await finish(cluster.nodes[1].node.state.registry.register([anInstance()]));
    await cluster.time.advance(100);
    expect(await finish(receiver.unregister([aKey()], headers))).toEqual(success);
    expect(await copied()).toEqual([[], [], []]);
  });
});
