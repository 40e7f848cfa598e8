import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '@artemis/core/config';
import { StoreProblem } from '@artemis/server';
import type { Parts } from './boot.js';
import { boot } from './boot.js';
import { deferred, settled } from './deferred.fixture.js';
import { Failure } from './failure.js';
import { collectingLogger } from './logger.fixture.js';

/** Parts that write down what is done to them, and whose waits are ended by the test. */
function fakeParts() {
  const done: string[] = [];
  const tasks = new Set<() => void>();
  const later: { atMs: number; task: () => void }[] = [];
  const gate = () => deferred<undefined>();
  const gates = {
    store: gate(),
    listen: gate(),
    start: gate(),
    close: gate(),
    drain: gate(),
    stop: gate(),
  };
  const fake = {
    done,
    gates,
    tasks,
    ready: false,
    nowMs: 1000,
    /** Lets time pass. */
    pass(ms: number) {
      this.nowMs += ms;
      for (const { atMs, task } of later) if (atMs <= this.nowMs) task();
    },
    open: (...names: (keyof typeof gates)[]) => names.forEach((name) => gates[name].resolve(undefined)),
  };
  const parts = {
    systemRuntime: () => ({
      scheduler: {
        every(_intervalMs: number, task: () => void) {
          tasks.add(task);
          return () => tasks.delete(task);
        },
        after(delayMs: number, task: () => void) {
          later.push({ atMs: fake.nowMs + delayMs, task });
        },
      },
      clock: { monotonicMs: () => fake.nowMs },
    }),
    createNode: (_config: unknown, _runtime: unknown, options: { describeConfig: () => unknown }) => {
      done.push('createNode');
      const wait = (name: keyof typeof gates) => async () => {
        done.push(name);
        await gates[name].promise;
        done.push(`${name} done`);
      };
      const health = { readiness: () => ({ ready: fake.ready }) };
      return {
        state: { health, described: options.describeConfig },
        reload: ({ cluster }: { cluster: { peers: string[] } }) =>
          done.push(`reload ${cluster.peers.join()}`),
        open: wait('store'),
        start: wait('start'),
        drain: wait('drain'),
        stop: wait('stop'),
      };
    },
    createApp: (state: unknown) => ({ state }),
    listen: async (app: { state: unknown }, { host, port }: { host: string; port: number }) => {
      done.push(`listen ${host} ${port}`);
      await gates.listen.promise;
      const close = async (deadlineMs: number) => {
        done.push(`close ${deadlineMs}`);
        await gates.close.promise;
        done.push('close done');
      };
      return { host, port, handOver: () => done.push('handOver'), close, app };
    },
  };
  return { ...fake, fake, parts: parts as unknown as Parts };
}

const loaded = loadConfig({
  text: '[server]\nnode_id = "node1"\nlisten_addr = "127.0.0.1:9000"\ndrain_timeout_secs = 7',
  hostName: 'host1',
});

const read = () => loaded;

describe('boot', () => {
  it('builds the node, opens its store, listens, then starts it, each after the other', async () => {
    const { parts, done, open } = fakeParts();
    const { logger, text } = collectingLogger();
    let booted = false;
    void boot({ loaded, read, logger }, parts).then(() => (booted = true));

    await settled();
    expect(done).toEqual(['createNode', 'store']);
    expect(text()).toEqual(['info Node ID: node1, Cluster mode: disabled']);

    open('store');
    await settled();
    expect(done.slice(2)).toEqual(['store done', 'listen 127.0.0.1 9000']);

    open('listen');
    await settled();
    expect(done.slice(4)).toEqual(['start']);
    expect(text().slice(1)).toEqual(['info Listening on http://127.0.0.1:9000']);
    expect(booted).toBe(false);

    open('start');
    await settled();
    expect(booted).toBe(true);
  });

  it.each([
    ['false', 'disabled'],
    ['true', 'enabled'],
  ])('with cluster.enabled = %s says %s', async (enabled, word) => {
    const { parts } = fakeParts();
    const { logger, text } = collectingLogger();
    const clustered = loadConfig({ env: { ARTEMIS_CLUSTER_ENABLED: enabled }, hostName: 'host1' });
    void boot({ loaded: clustered, read, logger }, parts);
    expect(text()).toEqual([`info Node ID: host1:8080, Cluster mode: ${word}`]);
  });

  it('says once when the node is ready', async () => {
    const { parts, fake, tasks, open } = fakeParts();
    const { logger, text } = collectingLogger();
    open('store', 'listen', 'start');
    await boot({ loaded, read, logger }, parts);
    const tick = () => [...tasks].forEach((task) => task());
    const ready = () => text().filter((line) => line.includes('ready'));

    tick();
    expect(ready()).toEqual([]);
    fake.ready = true;
    tick();
    tick();
    expect(ready()).toEqual(['info Artemis node node1 is ready']);
    expect(tasks.size).toBe(0);
  });

  it('says at once that the node is ready when it is', async () => {
    const { parts, fake, tasks, open } = fakeParts();
    const { logger, text } = collectingLogger();
    fake.ready = true;
    open('store', 'listen', 'start');
    await boot({ loaded, read, logger }, parts);
    expect(text().at(-1)).toBe('info Artemis node node1 is ready');
    expect(tasks.size).toBe(0);
  });

  it('fails with one clear line when it cannot listen, and starts nothing', async () => {
    const { parts, done, gates, open } = fakeParts();
    open('store', 'stop');
    const booting = boot({ loaded, read, logger: collectingLogger().logger }, parts);
    gates.listen.reject(new Error('cannot listen on 127.0.0.1:9000: the port is taken'));
    const failure: unknown = await booting.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({
      message:
        'cannot listen on 127.0.0.1:9000: the port is taken; choose another address with --addr or server.listen_addr',
      exitCode: 1,
    });
    expect(done).not.toContain('start');
    expect(done.at(-1)).toBe('stop done');
  });

  it('fails with one clear line when the store cannot be used, and does not listen', async () => {
    const { parts, done, gates } = fakeParts();
    const booting = boot({ loaded, read, logger: collectingLogger().logger }, parts);
    gates.store.reject(new StoreProblem('unusable', '/data is in use by process 7'));
    const failure: unknown = await booting.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ message: '/data is in use by process 7', exitCode: 1 });
    expect(done).toEqual(['createNode', 'store']);
  });

  it('does not take a defect for a fault of the store', async () => {
    const { parts, gates } = fakeParts();
    const booting = boot({ loaded, read, logger: collectingLogger().logger }, parts);
    gates.store.reject(new TypeError('undefined is not a function'));
    await expect(booting).rejects.toThrow(TypeError);
  });
});

describe('stop', () => {
  async function running() {
    const all = fakeParts();
    all.open('store', 'listen', 'start');
    const booted = await boot({ loaded, read, logger: collectingLogger().logger }, all.parts);
    all.done.length = 0;
    return { ...all, booted };
  }

  it('drains while it still answers, then lets nobody in, then ends the node', async () => {
    const { booted, done, fake, open, tasks } = await running();
    let stopped = false;
    void booted.stop().then(() => (stopped = true));
    expect(done).toEqual(['handOver', 'drain']);
    expect(tasks.size).toBe(0);

    fake.pass(2000);
    await settled();
    expect(done.slice(2)).toEqual([]);
    open('drain');
    await settled();
    expect(done.slice(2)).toEqual(['drain done', 'close 5000']);
    open('close');
    await settled();
    expect(done.slice(4)).toEqual(['close done', 'stop']);
    expect(stopped).toBe(false);

    open('stop');
    await settled();
    expect(stopped).toBe(true);
  });

  it('leaves clients a moment to notice when there is nothing to drain', async () => {
    const { booted, done, fake, open } = await running();
    void booted.stop();
    open('drain');
    await settled();
    expect(done.slice(2)).toEqual(['drain done']);
    fake.pass(300);
    await settled();
    expect(done.slice(3)).toEqual(['close 6700']);
  });

  it('cuts what is under way when draining took all the time', async () => {
    const { booted, done, fake, open } = await running();
    void booted.stop();
    fake.pass(9000);
    open('drain');
    await settled();
    expect(done.slice(2)).toEqual(['drain done', 'close 0']);
  });

  it('ends the node even when draining fails, and says so', async () => {
    const { booted, done, gates, open } = await running();
    gates.drain.reject(new Error('no luck'));
    open('close', 'stop');
    await expect(booted.stop()).rejects.toThrow('no luck');
    await settled();
    expect(done).toContain('stop done');
  });
});
