import { aKey, anInstance } from '@artemis/core/testing';
import { beforeAll, describe, expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { startNode, untilConnected, type NodeProcess } from './harness/node-process.js';
import { freePorts, host } from './harness/ports.js';
import { useStage } from './harness/stage.js';

const burst = 10;

describe('a node with a rate limit', () => {
  const stage = useStage();
  let limited: NodeProcess;
  let peer: NodeProcess;

  beforeAll(async () => {
    const [port1 = 0, port2 = 0] = await freePorts(2);
    limited = await startNode(stage, {
      name: 'node1',
      port: port1,
      settings: { ratelimit: { requests_per_second: 1, burst_size: burst } },
    });
    peer = await startNode(stage, { name: 'node2', port: port2, peers: [`${host}:${port1}`] });
    await untilConnected([peer]);
  });

  stage.test('16: answers 429 beyond it, to clients and not to peers, health and metrics', async () => {
    const answers = await Promise.all(
      Array.from({ length: burst * 4 }, () =>
        limited.api.http.ask('POST', '/api/registry/heartbeat.json', { json: { instance_keys: [aKey()] } }),
      ),
    );
    const refused = answers.filter(({ status }) => status === 429);
    const passed = answers.filter(({ status }) => status === 200);
    expect(passed.length).toBeGreaterThanOrEqual(burst);
    expect(refused.length).toBeGreaterThan(burst);
    expect(passed.length + refused.length).toBe(answers.length);
    for (const { headers, text } of refused) {
      expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(JSON.parse(text)).toMatchObject({ response_status: { error_code: 'rate-limited' } });
    }

    // Same address, and far more requests than a client may send.
    for (let index = 0; index < burst * 4; index += 1)
      await peer.api.register([anInstance({ instance_id: `inst-${index}` })]);
    await eventually(async () => expect((await limited.api.status()).live_records).toBe(burst * 4));
    expect((await peer.api.metrics()).sum('artemis_replication_requests_total', { event: 'failed' })).toBe(0);
    for (let index = 0; index < burst * 2; index += 1) {
      expect((await limited.api.http.ask('GET', '/health')).status).toBe(200);
      expect((await limited.api.http.ask('GET', '/health/ready')).status).toBe(200);
      expect((await limited.api.http.ask('GET', '/metrics')).status).toBe(200);
    }
  });
});
