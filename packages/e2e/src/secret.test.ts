import { apiRoutes } from '@artemis/core';
import { anInstance } from '@artemis/core/testing';
import { beforeAll, describe, expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import type { HttpAnswer } from './harness/http-client.js';
import { replicationHeaders } from './harness/node-api.js';
import { startNode, untilConnected, type NodeProcess } from './harness/node-process.js';
import { freePorts, host } from './harness/ports.js';
import { useStage } from './harness/stage.js';

const registerPath = `${apiRoutes.replicaRegister.path}.json`;
const bearer = (secret: string): Record<string, string> => ({ Authorization: `Bearer ${secret}` });

describe('nodes with a secret', () => {
  const stage = useStage();
  let node1: NodeProcess;
  let node2: NodeProcess;
  let stranger: NodeProcess;

  beforeAll(async () => {
    const ports = await freePorts(3);
    const withSecret = (index: number, secret: string): Promise<NodeProcess> =>
      startNode(stage, {
        name: `node${index + 1}`,
        port: ports[index] ?? 0,
        peers: ports.filter((_, other) => other !== index).map((port) => `${host}:${port}`),
        settings: {
          cluster: { secret, health_check_interval_ms: 1000, probe_timeout_ms: 1000 },
          // A node whom nobody takes in serves alone in the end.
          replication: secret === 'another' ? { bootstrap_timeout_secs: 1 } : {},
        },
      });
    const nodes = [withSecret(0, 'the-one'), withSecret(1, 'the-one'), withSecret(2, 'another')];
    [node1, node2, stranger] = (await Promise.all(nodes)) as [NodeProcess, NodeProcess, NodeProcess];
    await untilConnected([node1, node2, stranger]);
  });

  function post(headers: Readonly<Record<string, string>>): Promise<HttpAnswer> {
    const json = { instances: [anInstance({ instance_id: 'posted' })] };
    return node1.api.http.ask('POST', registerPath, { json, headers });
  }

  stage.test('15: answer 400 without the header of replication, with an empty body', async () => {
    for (const headers of [{}, bearer('the-one')]) {
      expect(await post(headers)).toMatchObject({ status: 400, text: '' });
    }
    expect(await node1.api.idsOf('test-service')).toEqual([]);
  });

  stage.test(
    '15: answer 401 without the secret or with a wrong one, and 200 with the right one',
    async () => {
      for (const shown of [{}, bearer('another'), bearer(''), { Authorization: 'the-one' }]) {
        const answer = await post({ ...replicationHeaders, ...shown });
        expect(answer.status).toBe(401);
        expect(JSON.parse(answer.text)).toMatchObject({ response_status: { error_code: 'no-permission' } });
      }
      expect(await node1.api.idsOf('test-service')).toEqual([]);
      expect((await post({ ...replicationHeaders, ...bearer('the-one') })).status).toBe(200);
      expect(await node1.api.idsOf('test-service')).toEqual(['posted']);
    },
  );

  stage.test('that is the same replicate; where it differs both sides say so in their log', async () => {
    await node1.api.register([anInstance({ service_id: 'ours' })]);
    await eventually(async () => expect(await node2.api.idsOf('ours')).toEqual(['inst-1']));
    await stranger.api.register([anInstance({ service_id: 'theirs' })]);
    await eventually(() => {
      expect(complaints(node1, stranger)).toHaveLength(1);
      expect(complaints(node2, stranger)).toHaveLength(0);
      expect(complaints(stranger, node1)).toHaveLength(1);
      expect(complaints(stranger, node2)).toHaveLength(1);
    });
    expect(await stranger.api.idsOf('ours')).toEqual([]);
    expect(await node1.api.idsOf('theirs')).toEqual([]);
    // Which secret it is stays out of logs and answers.
    const config = await node1.api.http.ask('GET', '/api/status/config.json');
    for (const text of [node1.log, stranger.log, config.text]) expect(text).not.toMatch(/the-one|another/);
  });

  function complaints(node: NodeProcess, about: NodeProcess): string[] {
    return node.log
      .split('\n')
      .filter((line) => line.includes(about.address) && /refuses replication.*401.*secret/.test(line));
  }
});
