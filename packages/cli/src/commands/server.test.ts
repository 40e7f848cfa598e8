/** The real node behind the real listener, in this process. */
import { anInstance } from '@artemis/core/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import type { FakeHost } from '../host.fixture.js';
import { fakeHost } from '../host.fixture.js';
import { run } from '../run.js';

const folder = mkdtempSync(join(tmpdir(), 'artemis-'));
afterAll(() => rmSync(folder, { recursive: true }));

const anyPort = ['--addr', '127.0.0.1:0'];

const started: { host: FakeHost; ended: Promise<number> }[] = [];

function start(args: readonly string[], env: Record<string, string> = {}) {
  // Nothing is left behind where the tests run, and the thread of a store needs compiled code.
  const host = fakeHost({ ARTEMIS_STORAGE_ENGINE: 'memory', ...env });
  const node = { host, ended: run(['server', ...args], host) };
  started.push(node);
  return node;
}

/** A test that fails half-way leaves its node running. */
afterEach(async () => {
  for (const { host, ended } of started.splice(0)) {
    host.events.emit('SIGTERM');
    await ended;
  }
});

/** The messages of the log, without their times. */
function messages({ stdout }: FakeHost): string[] {
  return stdout.lines.map((line) => line.replace(/^\S+Z /, ''));
}

async function post(url: string, body: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json();
}

const instance = anInstance();

describe('artemis server', () => {
  it('serves what is registered, from start to clean stop', async () => {
    const file = join(folder, 'artemis.toml');
    writeFileSync(file, '[server]\nnode_id = "node1"\n');
    const { host, ended } = start(['--config', file, ...anyPort]);
    const url = await host.stdout.until(/Listening on (\S+)/);
    await host.stdout.until(/Artemis node node1 is ready/);

    expect(await post(`${url}/api/registry/register.json`, { instances: [instance] })).toMatchObject({
      response_status: { error_code: 'success' },
    });
    const wanted = { discovery_config: { service_id: 'test-service', region_id: 'local', zone_id: 'zone1' } };
    expect(await post(`${url}/api/discovery/service.json`, wanted)).toMatchObject({
      response_status: { error_code: 'success' },
      service: { service_id: 'test-service', instances: [instance] },
    });

    host.events.emit('SIGTERM', 'SIGTERM');
    expect(await ended).toBe(0);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
    expect(host.stderr.text).toBe('');
    const log = messages(host);
    expect(log.slice(0, 2)).toEqual([
      `info  Loading configuration from ${file}`,
      'info  Node ID: node1, Cluster mode: disabled',
    ]);
    expect(log).toContain(`info  Listening on ${url}`);
    expect(log.slice(-2)).toEqual([
      'info  SIGTERM: stopping; a second signal ends the node at once',
      'info  Stopped',
    ]);
    expect(log.join('\n')).not.toMatch(/loop/i);
  });

  it('puts its real port into its name, its address and the log, and says where values came from', async () => {
    const { host, ended } = start([...anyPort, '--log-level', 'info'], {
      ARTEMIS_SERVER_ZONE: 'zone9',
      ARTEMIS_SERVER_ADVERTISE_ADDR: 'localhost:0',
    });
    const port = await host.stdout.until(/Listening on http:\/\/127\.0\.0\.1:(\d+)/);
    const status = await (await fetch(`http://127.0.0.1:${port}/api/status/node.json`)).json();
    expect(status).toMatchObject({ node_id: `host1:${port}`, address: `localhost:${port}`, zone: 'zone9' });
    const { config } = (await (await fetch(`http://127.0.0.1:${port}/api/status/config.json`)).json()) as {
      config: unknown[];
    };
    expect(config).toContainEqual({ key: 'server.zone', value: 'zone9', source: 'ARTEMIS_SERVER_ZONE' });
    expect(config).toContainEqual({ key: 'logging.level', value: 'info', source: 'flag' });
    expect(messages(host)).toContain(`info  Node ID: host1:${port}, Cluster mode: disabled`);
    host.events.emit('SIGINT', 'SIGINT');
    expect(await ended).toBe(0);
  });

  it('measures its process', async () => {
    const { host, ended } = start(anyPort);
    const url = await host.stdout.until(/Listening on (\S+)/);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('process_resident_memory_bytes');
    host.events.emit('SIGINT', 'SIGINT');
    expect(await ended).toBe(0);
  });
});

describe('a start that fails', () => {
  it('because the port is taken says so in one line of the log', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { host, ended } = start(['--addr', `127.0.0.1:${port}`]);
    expect(await ended).toBe(1);
    expect(host.stderr.text).toBe('');
    expect(messages(host).slice(1)).toEqual([
      `error cannot listen on 127.0.0.1:${port}: the port is taken; ` +
        'choose another address with --addr or server.listen_addr',
    ]);
    other.close();
  });

  it('because the configuration is refused names the place, and starts nothing', async () => {
    const file = join(folder, 'bad.toml');
    writeFileSync(file, '[server]\nzon = "a"\n');
    const { host, ended } = start(['--config', file]);
    expect(await ended).toBe(1);
    expect(host.stderr.lines).toEqual([`${file}:2: [server] zon: unknown key, did you mean zone?`]);
    expect(host.stdout.text).toBe('');
  });

  it('because there is no configuration file says so', async () => {
    const { host, ended } = start(['--config', 'nope.toml']);
    expect(await ended).toBe(1);
    expect(host.stderr.lines).toEqual([
      'artemis: cannot read the configuration file nope.toml: there is no such file',
    ]);
  });

  it('because the host has no address here says so', async () => {
    const { host, ended } = start(['--addr', '192.0.2.1:0']);
    expect(await ended).toBe(1);
    expect(host.stderr.lines).toEqual([
      expect.stringMatching(/^artemis: cannot listen on 192\.0\.2\.1:0: .*EADDRNOTAVAIL/),
    ]);
  });
});
