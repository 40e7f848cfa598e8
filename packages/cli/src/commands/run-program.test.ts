import { ClientError } from '@artemis/client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClient } from '../fake-client.fixture.js';
import { Failure } from '../failure.js';
import { fakeHost, type FakeHost } from '../host.fixture.js';
import { FakeRegistry } from '../registry/fake-registry.fixture.js';
import { runProgram, type RunOptions, type RunSurroundings } from './run-program.js';

let registry: FakeRegistry;
let fake: FakeClient;
let host: FakeHost;
let signals: string[];
let end: (code: number | Failure) => void;
let launched: readonly string[] | undefined;
/** Pauses that are not over, with their length. */
let pauses: { readonly ms: number; readonly over: () => void }[];
/** What the next probes say. */
let probes: (string | undefined)[];
let probed: unknown[];
let around: RunSurroundings;
/** Another one for each test: what one waits for must not outlive it. */
let current: object;

beforeEach(async () => {
  current = {};
  registry = await FakeRegistry.start();
  registry.answer('/api/status/node.json', { region: 'eu', zone: 'z7' });
  [fake, host, signals, launched, pauses, probes, probed] = [
    new FakeClient(),
    fakeHost(),
    [],
    undefined,
    [],
    [],
    [],
  ];
  const ended = new Promise<number>((resolve, reject) => {
    end = (code) => (typeof code === 'number' ? resolve(code) : reject(code));
  });
  ended.catch(() => undefined);
  around = {
    launch(program) {
      launched = program;
      return { pid: 1, ended, signal: (name) => void signals.push(name) };
    },
    probe: async (target) => {
      probed.push(target);
      return probes.shift();
    },
    connect: () => fake.client,
    ownAddress: async () => '10.0.0.9',
    pause: (ms, signal) =>
      new Promise<void>((resolve) => {
        if (signal.aborted) return resolve();
        pauses.push({ ms, over: resolve });
        signal.addEventListener('abort', () => resolve());
      }),
  };
});
afterEach(() => {
  current = {};
  registry.stop();
});

const flags = { service_id: 'orders', port: 9000 };

function start(options: Partial<RunOptions> = {}): Promise<number> {
  return runProgram({ urls: [registry.url], flags, program: ['./orders', '-v'], ...options }, host, around);
}

/** Waits until it pauses for so long. */
async function untilPaused(ms: number): Promise<void> {
  const mine = current;
  while (mine === current && !pauses.some((pause) => pause.ms === ms)) await new Promise(setImmediate);
}

/** Ends the pause of that length as soon as there is one. */
async function pass(ms: number): Promise<void> {
  await untilPaused(ms);
  const index = pauses.findIndex((pause) => pause.ms === ms);
  pauses.splice(index, 1)[0]?.over();
}

/** Waits until the client was asked for this. */
async function untilAsked(what: string): Promise<void> {
  const mine = current;
  while (mine === current && !fake.asked.includes(what)) await new Promise(setImmediate);
}

describe('artemis run', () => {
  it('registers the program, unregisters it when it ends, and ends as it did', async () => {
    const running = start();
    await host.stderr.until(/registered as up/);
    expect(launched).toEqual(['./orders', '-v']);
    expect(fake.registered).toMatchObject({
      region_id: 'eu',
      zone_id: 'z7',
      service_id: 'orders',
      instance_id: 'host1:9000',
      ip: '10.0.0.9',
      port: 9000,
      url: 'http://10.0.0.9:9000',
      status: 'up',
    });
    end(7);
    expect(await running).toBe(7);
    expect(fake.asked).toEqual(['register up', 'close registration', 'close client']);
    expect(host.stderr.lines).toEqual(['artemis: orders/host1:9000: registered as up']);
    expect(host.stdout.text).toBe('');
  });

  it('says what is wrong with the command line before it starts anything', async () => {
    await expect(start({ flags: { ...flags, ip: 'a b' } })).rejects.toThrow(
      '--ip is "a b": expected an IPv4',
    );
    const check = { target: 'health', intervalMs: 1, timeoutMs: 1, upAfter: 1, downAfter: 1 };
    await expect(start({ check })).rejects.toThrow('--check is "health", expected http://…, https://…');
    expect(launched).toBeUndefined();
  });

  it('ends as a program ends that cannot be started', async () => {
    const running = start();
    end(new Failure('cannot run it', { exitCode: 127 }));
    await expect(running).rejects.toMatchObject({ exitCode: 127 });
  });

  it('passes signals on, but not those that a terminal sends by itself', async () => {
    const running = start();
    await untilAsked('register up');
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2']) host.events.emit(signal);
    expect(signals).toEqual(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2']);
    end(0);
    await running;

    host = fakeHost();
    host.stderr.isTTY = true;
    signals.length = 0;
    await start();
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM']) host.events.emit(signal);
    expect(signals).toEqual(['SIGTERM']);
  });

  it('tells when the registration is lost, and found again', async () => {
    const running = start();
    await host.stderr.until(/registered as up/);
    fake.registration.emit('registered', { node: 'http://n1' });
    fake.registration.emit('lost', { reason: 'the node forgot it\u001b[2J' });
    fake.registration.emit('registered', { node: 'http://n1' });
    fake.registration.emit('error', new ClientError('refused', 'no'));
    end(0);
    await running;
    expect(host.stderr.lines.slice(1)).toEqual([
      'artemis: orders/host1:9000: the registration was lost: the node forgot it\\u001b[2J',
      'artemis: orders/host1:9000: registered again',
      'artemis: orders/host1:9000: a node refuses the registration: no',
    ]);
  });
});

describe('without a node', () => {
  it('lets the program run, and registers it when a node is there', async () => {
    registry.instead = { status: 503, body: '{"response_status":{"error_code":"service-unavailable"}}' };
    const running = start();
    await pass(3000);
    await host.stderr.until(/not registered yet, no node answers: goes on trying/);
    await untilPaused(1000);
    registry.instead = undefined;
    await pass(1000);
    await host.stderr.until(/registered as up/);
    end(0);
    expect(await running).toBe(0);
  });

  it('ends with the program all the same', async () => {
    registry.stop();
    const running = start();
    end(3);
    expect(await running).toBe(3);
    expect(fake.asked).toEqual([]);
  });

  it('does not hold up who waits for the program', async () => {
    const running = start({ flags: { ...flags, region_id: 'r', zone_id: 'z' } });
    await host.stderr.until(/registered as up/);
    fake.closing = () => new Promise(() => undefined);
    pauses.length = 0;
    end(3);
    await pass(3000);
    expect(await running).toBe(3);
    expect(host.stderr.lines.at(-1)).toMatch(
      /ended and not unregistered, no node answers: its lease ends by itself$/,
    );
  });

  it('goes on without a registration that is refused', async () => {
    fake.taking = () => Promise.reject(new ClientError('refused', 'lease_ttl_secs: too long'));
    const running = start();
    await host.stderr.until(/runs without a registration: lease_ttl_secs: too long/);
    end(0);
    expect(await running).toBe(0);
  });
});

describe('with a check', () => {
  const check = { target: '/health', intervalMs: 2000, timeoutMs: 100, upAfter: 1, downAfter: 2 };

  it('drives the status', async () => {
    probes = ['connection refused', undefined, 'HTTP 500', 'HTTP 503', undefined];
    const running = start({ check });
    await untilAsked('register starting');
    await pass(500);
    await untilAsked('update up');
    await pass(2000);
    await pass(2000);
    await untilAsked('update unhealthy');
    expect(probed).toHaveLength(4);
    expect(probed[0]).toEqual({ kind: 'http', url: 'http://10.0.0.9:9000/health' });
    fake.asked.length = 0;
    await pass(2000);
    await untilAsked('update up');
    end(0);
    await running;
    expect(host.stderr.lines.map((line) => line.replace('artemis: orders/host1:9000: ', ''))).toEqual([
      'registered as starting',
      'up, its check succeeds',
      'unhealthy, its check fails: HTTP 503',
      'up, its check succeeds',
    ]);
  });

  it('tells a node that comes late how it is by then', async () => {
    let take: () => void = () => undefined;
    fake.taking = () => new Promise<void>((resolve) => (take = resolve));
    probes = ['connection refused', undefined];
    const running = start({ check });
    await untilAsked('register starting');
    await pass(500);
    await host.stderr.until(/up, its check succeeds/);
    expect(fake.asked).toEqual(['register starting']);
    take();
    await untilAsked('update up');
    end(0);
    await running;
  });

  it('says that a status is refused, and tries the next one', async () => {
    probes = ['connection refused', undefined, 'a', 'b'];
    fake.updating = () => Promise.reject(new ClientError('refused', 'no'));
    const running = start({ check });
    await untilAsked('register starting');
    await pass(500);
    await host.stderr.until(/cannot become up: no/);
    await pass(2000);
    await pass(2000);
    await untilAsked('update unhealthy');
    end(0);
    await running;
  });
});
