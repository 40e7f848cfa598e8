import { anInstance } from '@artemis/core/testing';
import { describe, expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { startNode, type NodeProcess } from './harness/node-process.js';
import { freePort } from './harness/ports.js';
import { smallDisk } from './harness/small-disk.js';
import { useStage } from './harness/stage.js';

const perBatch = 200;

describe('24: a node whose disk is full', () => {
  const stage = useStage();

  /** HTTP status of the answer. */
  async function register({ api }: NodeProcess, batch: number): Promise<number> {
    const instances = Array.from({ length: perBatch }, (_, index) =>
      anInstance({ instance_id: `inst-${batch}-${index}` }),
    );
    return (await api.http.ask('POST', '/api/registry/register.json', { json: { instances } })).status;
  }

  stage.test(
    'refuses writes and says why, answers reads, recovers by itself, and loses nothing',
    async () => {
      const disk = smallDisk(stage);
      const options = {
        name: 'node1',
        port: await freePort(),
        settings: { storage: { data_dir: disk.dataDir }, lease: { ttl_secs: 600 } },
      };
      const node = await startNode(stage, options);
      expect(await register(node, 0)).toBe(200);
      disk.fill(node);

      // There may be some free pages left in the file.
      const accepted = [0];
      let batch = 1;
      await eventually(async () => {
        const status = await register(node, batch);
        if (status === 200) accepted.push(batch);
        batch += 1;
        expect(status).toBe(503);
      });
      const refused = await node.api.http.ask('POST', '/api/registry/register.json', {
        json: { instances: [anInstance()] },
      });
      expect(refused.status).toBe(503);
      expect(refused.headers['retry-after']).toBeDefined();
      expect((await node.api.http.ask('GET', '/health')).status).toBe(503);
      const ready = await node.api.http.ask('GET', '/health/ready');
      expect(ready.status).toBe(503);
      expect(JSON.parse(ready.text)).toMatchObject({ gates: { store: { open: false } } });
      expect((await node.api.metrics()).sum('artemis_store_failures_total')).toBeGreaterThan(0);
      expect(await node.api.idsOf('test-service')).toContain('inst-0-0');
      await eventually(() =>
        expect(node.log).toContain('The store fails: writes are refused until it recovers'),
      );

      disk.free(node);
      await eventually(() => node.api.isReady());
      expect((await node.api.http.ask('GET', '/health')).status).toBe(200);
      expect(await register(node, 9999)).toBe(200);
      await eventually(() => expect(node.log).toContain('The store takes writes again'));

      node.signal('SIGKILL');
      await node.exitWithin(10_000);
      const again = await startNode(stage, options);
      const back = new Set(await again.api.idsOf('test-service'));
      for (const each of [...accepted, 9999]) {
        for (let index = 0; index < perBatch; index += 1)
          expect(back.has(`inst-${each}-${index}`)).toBe(true);
      }
      expect(again.log).not.toContain('corrupt');
    },
  );
});
