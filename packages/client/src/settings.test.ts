import { describe, expect, it } from '@jest/globals';
import { createClient } from './client.js';
import { FakeWorld } from './fake-world.fixture.js';

describe('options', () => {
  it.each([
    [{}, 'urls'],
    [{ urls: ['node1:8080'] }, 'node1:8080'],
    [{ urls: ['http://node1?x=1'] }, 'node1?x=1'],
    [{ urls: ['http://node1'], requestTimeoutMs: 0 }, 'requestTimeoutMs'],
    [{ urls: ['http://node1'], heartbeatIntervalMs: Number.NaN }, 'heartbeatIntervalMs'],
    [{ urls: ['http://node1'], nodeRefreshIntervalMs: -1 }, 'nodeRefreshIntervalMs'],
  ])('%j make no sense, and the error says why', (options, why) => {
    expect(() => createClient(options)).toThrow(
      expect.objectContaining({ code: 'invalid', message: expect.stringContaining(why) }),
    );
  });

  it('may be one address, and a signal that ends the client', async () => {
    const world = new FakeWorld(1);
    const end = new AbortController();
    const client = createClient({
      bootstrapUrl: 'http://node1/',
      environment: world.environment,
      signal: end.signal,
    });
    await world.time.finish(client.service('x').ready());
    end.abort();
    await world.time.advance(10);
    expect(world.node(1).sessions.size).toBe(0);
    await expect(client.services()).rejects.toMatchObject({ code: 'closed' });
  });

  it('leave nothing at the signal of the caller when the client is closed', async () => {
    const { signal } = new AbortController();
    const listeners = new Set<unknown>();
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners.add(args[1]);
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners.delete(args[1]);
      remove(...args);
    };
    const client = new FakeWorld(1).client({ signal });
    expect(listeners.size).toBe(1);
    await client.close();
    expect(listeners.size).toBe(0);
  });
});
