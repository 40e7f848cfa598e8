import { expect, it } from '@jest/globals';
import { register } from 'prom-client';
import type { ArtemisNode } from './node.js';
import { createNode } from './node.js';

/** What a program shares with everything in its process. */
async function sharedState(): Promise<unknown> {
  const listeners = (emitter: NodeJS.EventEmitter) =>
    emitter.eventNames().map((name) => [name, emitter.listenerCount(name)]);
  return {
    process: listeners(process),
    output: [listeners(process.stdout), listeners(process.stderr)],
    directory: process.cwd(),
    exitCode: process.exitCode,
    environment: { ...process.env },
    metrics: await register.getMetricsAsJSON(),
  };
}

async function metricsOf({ state }: ArtemisNode): Promise<string> {
  return (await state.metrics.render()).text;
}

it('nodes leave alone what they share with the program around them, and with each other', async () => {
  const before = await sharedState();
  const first = createNode({ server: { nodeId: 'a' }, storage: { engine: 'memory' } });
  const second = createNode({ server: { nodeId: 'b' }, storage: { engine: 'memory' } });
  await Promise.all([first.start(), second.start()]);
  await Promise.all([first.ready(), second.ready()]);
  await first.state.registry.register([
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
  expect(await sharedState()).toEqual(before);
  expect(await metricsOf(first)).toContain('artemis_live_records 1');
  expect(await metricsOf(second)).toContain('artemis_live_records 0');
  await Promise.all([first, second].map((node) => node[Symbol.asyncDispose]()));
  expect(await sharedState()).toEqual(before);
});
