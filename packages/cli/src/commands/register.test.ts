import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exitCodes } from '../exit-codes.js';
import { fakeHost, type FakeHost } from '../host.fixture.js';
import { FakeRegistry } from '../registry/fake-registry.fixture.js';
import { run } from '../run.js';

let registry: FakeRegistry;
let folder: string;
const lease = { ttl_ms: 30_000, age_ms: 0, remaining_ms: 29_500, state: 'listed' };

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'artemis-register-'));
  registry = await FakeRegistry.start('node1');
  registry.answer('/api/registry/register.json', { response_status: { error_code: 'success' } });
  registry.answer('/api/status/explain.json', {
    node_id: 'node1',
    instance_key: key,
    listed: true,
    summary: '',
    lease,
    filters: [],
  });
});
afterEach(() => {
  registry.stop();
  rmSync(folder, { recursive: true });
});

const key = { region_id: 'local', zone_id: 'zone1', service_id: 'a', group_id: '', instance_id: 'a' };

async function register(line: string, host: FakeHost = fakeHost()) {
  const exitCode = await run(['register', ...line.split(' '), '--addr', registry.url], host);
  const sent = registry.asked.find(({ path: asked }) => asked.includes('register'))?.body;
  return { exitCode, out: host.stdout.text, err: host.stderr.text, sent };
}

function file(value: unknown): string {
  const name = path.join(folder, 'instances.json');
  writeFileSync(name, typeof value === 'string' ? value : JSON.stringify(value));
  return name;
}

const orders = {
  region_id: 'local',
  zone_id: 'zone1',
  service_id: 'orders',
  instance_id: 'host1:9000',
  machine_name: 'host1',
  ip: '127.0.0.1',
  port: 9000,
  url: 'http://127.0.0.1:9000',
  status: 'up',
};

describe('by options', () => {
  it('fills in what is not said, and says when the lease ends', async () => {
    const { exitCode, out, err, sent } = await register('--service orders --port 9000');
    expect(sent).toEqual({ instances: [orders] });
    expect([exitCode, err]).toEqual([exitCodes.ok, '']);
    expect(out).toMatch(
      /^Registered orders\/host1:9000 in local\/zone1, 127\.0\.0\.1:9000, up, at node1\nIts lease ends in 30s, at \d\d:\d\d:\d\d, unless heartbeats keep it alive\.\nThis command sends none: "artemis run" does while a program runs\.\n$/,
    );
  });

  it('makes the URL of what is said', async () => {
    const { sent } = await register('--service o --port 1 --ip ::1 --protocol grpc --metadata a=1');
    expect(sent).toMatchObject({ instances: [{ url: 'grpc://[::1]:1', metadata: { a: '1' } }] });
  });

  it.each([
    [
      '--service / --port 1',
      '--service is "/": expected 1 to 255 printable characters without "/" at the ends',
    ],
    [
      '--service a --port 1 --ip 1.2.3.400',
      '--ip is "1.2.3.400": expected an IPv4 address, an IPv6 address or a host name',
    ],
    [
      '--service a --port 1 --status on',
      '--status is "on": expected one of "starting", "up", "down", "unhealthy", "unknown", is "on"',
    ],
    ['--service a --port 1 --url x', '--url is "x": expected an absolute URL of at most 2048 characters'],
  ])('names the option of what is wrong: %s', async (line, problem) => {
    const { exitCode, err, sent } = await register(line);
    expect({ exitCode, err, sent }).toEqual({
      exitCode: exitCodes.usage,
      err: `artemis: ${problem}\nTry: artemis register --help\n`,
      sent: undefined,
    });
  });

  it('gives a program the instances and the end of the lease', async () => {
    const { out } = await register('--service orders --port 9000 --json');
    expect(JSON.parse(out)).toEqual({
      node: 'node1',
      registered: [orders],
      failed: [],
      first_lease_ends: expect.stringMatching(/^\d{4}-.*Z$/),
      lease_ttl_ms: 30_000,
    });
  });
});

describe('by a file', () => {
  const one = { service_id: 'orders', port: 9000, metadata: { a: '1', b: '1' } };

  it.each([
    ['one', one],
    ['a list', [one]],
    ['a body of register.json', { instances: [one] }],
  ])('takes %s, options first', async (_name, content) => {
    const { sent } = await register(`--file ${file(content)} --status down --metadata b=2`);
    expect(sent).toEqual({ instances: [{ ...orders, status: 'down', metadata: { a: '1', b: '2' } }] });
  });

  it('reads standard input', async () => {
    const { sent, out } = await register(
      '--file -',
      fakeHost({}, [JSON.stringify([one, { ...one, port: 1 }])]),
    );
    expect(sent).toMatchObject({ instances: [{ port: 9000 }, { port: 1 }] });
    expect(out).toMatch(/^Registered 2 instances of 1 service at node1\nThe first lease ends in 30s/);
  });

  it.each([
    ['{', /^artemis: (.*) is no JSON: /],
    [[], /: there is no instance in it\n$/],
    [[one, 7], /: \[1\]: expected an instance, a list of them, or \{ "instances": \[...\] \}\n$/],
    ['"a"', /: expected an instance, a list of them/],
    [
      { instances: [one, { ...one, port: 70_000 }] },
      /: instances\[1\]\.port: expected at most 65535, is 70000\n$/,
    ],
    [{ ...one, service_id: undefined }, /: service_id: missing, expected a string\n$/],
  ])('says what is wrong in %j, and where', async (content, problem) => {
    const { exitCode, err, sent } = await register(`--file ${file(content)}`);
    expect(err).toMatch(problem);
    expect([exitCode, sent]).toEqual([exitCodes.failure, undefined]);
  });

  it('says that there is no such file', async () => {
    const { err } = await register('--file nowhere.json');
    expect(err).toBe('artemis: cannot read nowhere.json: there is no such file\n');
  });
});

it('tells what the node refuses, and what it has taken', async () => {
  registry.answer('/api/registry/register.json', ({ body }: { body: { instances: unknown[] } }) => ({
    response_status: { error_code: 'partial_fail', error_message: 'some' },
    failed_instances: [
      {
        instance: body.instances[1],
        error_code: 'bad-request',
        error_message: 'instances[1].x: no\u001b[2J',
      },
    ],
  }));
  const list = [1, 2].map((port) => ({ service_id: 'o', port }));
  const { exitCode, out, err } = await register('--file -', fakeHost({}, [JSON.stringify(list)]));
  expect(exitCode).toBe(exitCodes.failure);
  expect(err).toBe('artemis: node1 refuses o/host1:2 in local/zone1: instances[1].x: no\\u001b[2J\n');
  expect(out).toMatch(/^Registered o\/host1:1 in /);
});

it('calls nothing registered when all is refused', async () => {
  registry.answer('/api/registry/register.json', {
    response_status: { error_code: 'service-unavailable', error_message: 'the disk is full' },
  });
  const { exitCode, out, err } = await register('--service o --port 1');
  expect([exitCode, out, err]).toEqual([exitCodes.failure, '', 'artemis: node1 refuses: the disk is full\n']);
});
