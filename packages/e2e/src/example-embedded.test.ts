import { beforeAll, describe, expect } from '@jest/globals';
import { anInstance } from '@artemis/core/testing';
import type { Child } from './harness/child.js';
import { printed, startExample } from './harness/example.js';
import { NodeApi } from './harness/node-api.js';
import { PushSocket } from './harness/push-socket.js';
import { useStage } from './harness/stage.js';

const patienceMs = 30_000;

describe('examples/embedded', () => {
  const stage = useStage();
  let service: Child;
  let api: NodeApi;

  beforeAll(async () => {
    service = startExample(stage, 'embedded/service.js', { PORT: '0' });
    api = new NodeApi(await printed(service, /registry at (http:\/\/\S+)/));
    stage.defer(() => api.http.close());
  });

  async function ask(path: string): Promise<{ status: number; text: string }> {
    const { status, text } = await api.http.ask('GET', path);
    return { status, text };
  }

  stage.test('takes registrations of others, and uses them in its own routes', async () => {
    expect(await ask('/')).toEqual({ status: 200, text: '{"services":[]}' });
    expect((await ask('/go/prices')).status).toBe(503);
    const instance = anInstance({ service_id: 'prices', url: 'http://10.0.0.11:8080' });
    expect((await api.register([instance])).response_status.error_code).toBe('success');
    await printed(service, /prices\/inst-1 registered/);
    expect(await ask('/')).toEqual({ status: 200, text: '{"services":["prices"]}' });
    const { status, headers } = await api.http.ask('GET', '/go/prices');
    expect([status, headers.location]).toEqual([307, 'http://10.0.0.11:8080']);
  });

  stage.test('answers unknown paths itself, and those of the registry as a node does', async () => {
    expect(await ask('/nothing')).toEqual({ status: 404, text: '{"error":"/nothing is not known here"}' });
    expect(await ask('/health')).toEqual({ status: 200, text: 'OK' });
    expect((await api.discover('prices')).service?.instances).toHaveLength(1);
  });

  stage.test('pushes what changes, and ends when it is told to, with a goodbye', async () => {
    const socket = await PushSocket.open(api.url);
    socket.send({ type: 'subscribe', service_id: 'stock' });
    await socket.until('subscribed');
    await api.register([anInstance({ service_id: 'stock' })]);
    const { changes } = await socket.until('service_change');
    expect(changes).toMatchObject([{ instance: { service_id: 'stock' } }]);
    service.signal('SIGTERM');
    await socket.until('goodbye');
    expect((await socket.closed).code).toBe(1001);
    expect(await service.exitWithin(patienceMs)).toEqual({ code: 0, signal: null });
  });
});
