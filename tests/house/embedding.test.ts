import { expect, it } from '@jest/globals';
import { createNode } from '@artemis/server';
import { serve } from '@artemis/web';
import { fencesOf, read } from './markdown.js';

const own = read('tests/house/embedding.test.ts');

/** The lines between the markers are those of the README. */
function shown(): string {
  const [, lines = ''] = /\/\/ shown: begin\n([^]*?) *\/\/ shown: end/.exec(own) ?? [];
  return lines.replaceAll(/^ {2}/gm, '');
}

it('a node can be embedded as the README says', async () => {
  // shown: begin
  const node = createNode({
    server: { nodeId: 'embedded', drainTimeoutMs: 2000 },
    storage: { engine: 'memory' }, // or { dataDir: 'DIRECTORY' }, to find the table there after a restart
  });
  await node.start();
  await node.ready();

  // In this process: no HTTP is needed.
  await node.state.registry.register([
    {
      region_id: 'local',
      zone_id: 'zone1',
      service_id: 'orders',
      instance_id: 'orders-1',
      ip: '10.0.0.11',
      port: 8080,
      url: 'http://10.0.0.11:8080',
      status: 'up',
    },
  ]);
  const { service } = node.state.discovery.service({ service_id: 'orders' }).response;

  // For other processes: the same node over HTTP. createApp(node.state) of @artemis/web goes into an Express app of yours.
  const listener = await serve(node.state, { host: '127.0.0.1', port: 0 }); // any free port: listener.port
  const answer = await fetch(
    `http://127.0.0.1:${listener.port}/api/discovery/service.json?service_id=orders`,
  );
  const found = await answer.json();

  listener.handOver(); // answers on, and ends each connection
  await node.drain();
  await listener.close(2000);
  await node.stop();
  // shown: end
  expect(service?.instances).toEqual([expect.objectContaining({ instance_id: 'orders-1' })]);
  expect(found).toMatchObject({ service: { instances: service?.instances } });

  const [imports = '', code] =
    fencesOf(read('README.md'))
      .find(({ info }) => info === 'ts')
      ?.text.split(/\n\n([^]*)/) ?? [];
  expect(code).toBe(shown());
  for (const line of imports.split('\n')) expect(own).toContain(line);
});
