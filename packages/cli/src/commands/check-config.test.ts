import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { configKeys } from '@artemis/core/config';
import { fakeHost } from '../host.fixture.js';
import { run } from '../run.js';

const folder = mkdtempSync(join(tmpdir(), 'artemis-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(content: string | Uint8Array): string {
  const file = join(folder, 'artemis.toml');
  writeFileSync(file, content);
  return file;
}

const example = join(import.meta.dirname, '../../../../artemis.example.toml');

async function checkConfig(args: readonly string[], env: Record<string, string> = {}) {
  const host = fakeHost(env);
  const exitCode = await run(['check-config', ...args], host);
  return { exitCode, out: host.stdout.lines, err: host.stderr.lines };
}

describe('a good file', () => {
  it('is printed as a table: a heading, and each key on a line', async () => {
    const { exitCode, out, err } = await checkConfig([example]);
    expect([exitCode, err]).toEqual([0, []]);
    expect(out).toHaveLength(1 + configKeys.length);
    expect(out[0]).toMatch(/^KEY +VALUE +SOURCE$/);
    for (const [index, { path }] of configKeys.entries()) expect(out[index + 1]).toMatch(`${path} `);
  });

  it('is aligned, and says where each value comes from', async () => {
    const file = fileWith('[lease]\nttl_secs = 60\n[cluster]\nsecret = "hunter2"\n');
    const { out } = await checkConfig([file], { ARTEMIS_SERVER_ALLOWED_ORIGINS: 'http://a,http://b' });
    expect(out).toEqual(
      expect.arrayContaining([
        'KEY                                        VALUE                     SOURCE',
        'server.listen_addr                         "0.0.0.0:8080"            default',
        'server.allowed_origins                     ["http://a", "http://b"]  ARTEMIS_SERVER_ALLOWED_ORIGINS',
        `cluster.secret                             "***"                     ${file}:4`,
        `lease.ttl_secs                             60                        ${file}:2`,
      ]),
    );
    expect(out.join()).not.toContain('hunter2');
  });

  it('shows no value as -, and lets only its own row step out of line for a long one', async () => {
    const { out } = await checkConfig([fileWith('')], {
      ARTEMIS_CLUSTER_PEERS: '10.0.0.2:8080,10.0.0.3:8080',
    });
    expect(out).toContainEqual(expect.stringMatching(/^cluster\.secret +- +default$/));
    expect(out).toContain(
      'cluster.peers                              ["10.0.0.2:8080", "10.0.0.3:8080"]  ARTEMIS_CLUSTER_PEERS',
    );
    expect(out).toContain('cluster.enabled                            false           default');
  });

  it('is printed as JSON', async () => {
    const { exitCode, out } = await checkConfig([fileWith('[lease]\nttl_secs = 60'), '--json']);
    expect(exitCode).toBe(0);
    const { config } = JSON.parse(out.join('\n')) as { config: unknown[] };
    expect(config).toHaveLength(configKeys.length);
    expect(config).toContainEqual({
      key: 'lease.ttl_secs',
      value: 60,
      source: `${join(folder, 'artemis.toml')}:2`,
    });
  });
});

describe('what is refused', () => {
  it('is told all at once, each with its place', async () => {
    const file = fileWith('[server]\nzon = "a"\n\n[lease]\nttl_secs = 0\n');
    const { exitCode, out, err } = await checkConfig([file], { ARTEMIS_CACHE_ENABLED: 'maybe' });
    expect([exitCode, out]).toEqual([1, []]);
    expect(err).toEqual([
      `${file}:2: [server] zon: unknown key, did you mean zone?`,
      `${file}:5: [lease] ttl_secs: is 0, expected an integer from 1 to 1500 (seconds)`,
      'ARTEMIS_CACHE_ENABLED: [cache] enabled: is "maybe", expected true or false',
    ]);
  });

  it.each([
    ['[server\n', '1:8: not valid TOML: Unexpected character, expected whitespace, . or ]'],
    [
      '[replication]\nbatch_interval_ms = 10000',
      '2: [replication] batch_interval_ms: replication.batch_interval_ms (10000) must be below a third of ' +
        'lease.ttl_secs (30): three heartbeats must reach the owner within a lease',
    ],
  ])('%j', async (text, message) => {
    const file = fileWith(text);
    expect(await checkConfig([file])).toEqual({ exitCode: 1, out: [], err: [`${file}:${message}`] });
  });

  it.each([
    ['a file that does not exist', () => join(folder, 'nope.toml'), 'there is no such file'],
    ['a path through a file', () => join(fileWith(''), 'a.toml'), 'there is no such file'],
    ['a directory', () => folder, 'it is a directory'],
    ['no UTF-8 text', () => fileWith(Uint8Array.of(0xff, 0xfe, 0x00)), 'it is no UTF-8 text'],
  ])('%s', async (_what, make, reason) => {
    const file = make();
    expect(await checkConfig([file])).toEqual({
      exitCode: 1,
      out: [],
      err: [`artemis: cannot read the configuration file ${file}: ${reason}`],
    });
  });

  it('a command line without FILE, as wrong usage', async () => {
    expect(await checkConfig([])).toEqual({
      exitCode: 2,
      out: [],
      err: ['artemis: FILE is missing', 'Try: artemis check-config --help'],
    });
  });
});
