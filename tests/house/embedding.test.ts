import { expect, it } from '@jest/globals';
import { createNode, silentLogger, systemRuntime } from '@artemis/server';
import { createApp, listen } from '@artemis/web';
import { defaultConfig } from '@artemis/core/config';
import { fencesOf, read } from './markdown.js';

const own = read('tests/house/embedding.test.ts');

/** The lines between the markers are those of the README. */
function shown(): string {
  const [, lines = ''] = /\/\/ shown: begin\n([^]*?) *\/\/ shown: end/.exec(own) ?? [];
  return lines.replaceAll(/^ {2}/gm, '');
}

it('a node can be embedded as the README says', async () => {
  // shown: begin
  const config = defaultConfig({
    server: { nodeId: 'embedded', drainTimeoutMs: 2000 },
    storage: { engine: 'memory' }, // or { dataDir: 'DIRECTORY' }, to find the table there after a restart
  });
  const runtime = systemRuntime(config, silentLogger);
  const node = createNode(config, runtime);
  await node.start();

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

  // For other processes: the same node over HTTP. createApp() is an Express app, so it can also be mounted in yours.
  const listener = await listen(createApp(node.state), {
    host: '127.0.0.1',
    port: 0, // any free port; listener.port tells which
    scheduler: runtime.scheduler,
    logger: runtime.logger,
  });
  const answer = await fetch(
    `http://127.0.0.1:${listener.port}/api/discovery/service.json?service_id=orders`,
  );
  const found = await answer.json();

  listener.handOver(); // answers on, and ends each connection
  await node.drain();
  await listener.close(config.server.drainTimeoutMs);
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
