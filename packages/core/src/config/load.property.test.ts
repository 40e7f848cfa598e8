import { stringify } from '@iarna/toml';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ConfigValue } from './keys.js';
import { loadConfig } from './load.js';
import { configKeys } from './schema.js';

const hostName = 'host1';

/** A value that is good by itself and in any company. */
const valueOf: Record<string, fc.Arbitrary<ConfigValue>> = {
  'server.node_id': fc.stringMatching(/^[!$-.0-~]{1,40}$/),
  'server.listen_addr': fc.constantFrom('0.0.0.0:8080', '[::]:1', '127.0.0.1:0', 'localhost:65535'),
  'server.advertise_addr': fc.constantFrom('10.0.0.1:8080', '[::1]:1', 'node_1.example.com:80'),
  'server.region': fc.constantFrom('local', 'eu, west = "1"', '北京', "it's # one"),
  'server.zone': fc.constantFrom('zone1', 'z\\n1', '{z}'),
  'server.allowed_origins': fc.subarray(['http://a.example', 'https://b.example:8443']),
  'cluster.peers': fc.subarray(['10.0.0.1:8080', 'http://node2:80', 'https://[::1]', 'node3:1']),
  'cluster.secret': fc.stringMatching(/^[!-~]{1,40}$/),
  'storage.engine': fc.constantFrom('lmdb', 'memory'),
  'storage.data_dir': fc.constantFrom('./data', '/var/lib/artemis', 'C:\\data dir'),
  'storage.durability': fc.constantFrom('process', 'disk'),
  'logging.level': fc.constantFrom('error', 'warn', 'info', 'debug'),
  'logging.format': fc.constantFrom('text', 'json'),
  'cluster.probe_timeout_ms': fc.integer({ min: 10, max: 10_000 }),
  'cluster.health_check_interval_ms': fc.integer({ min: 10_000, max: 3_600_000 }),
  'replication.batch_interval_ms': fc.integer({ min: 0, max: 999 }),
  'replication.tombstone_retention_secs': fc.integer({ min: 3000, max: 100_000 }),
  'lease.ttl_secs': fc.integer({ min: 3, max: 1000 }),
  'lease.orphan_grace_secs': fc.integer({ min: 0, max: 999 }),
  'lease.orphan_retention_secs': fc.integer({ min: 1000, max: 1500 }),
  'push.ping_interval_secs': fc.integer({ min: 1, max: 30 }),
  'push.idle_timeout_secs': fc.integer({ min: 60, max: 1000 }),
  'lease.self_preservation.threshold': fc.integer({ min: 1, max: 99 }).map((percent) => percent / 100),
};

const anyValues = fc.record(
  Object.fromEntries(
    configKeys.map((key) => {
      const other = typeof key.default === 'boolean' ? fc.boolean() : fc.integer({ min: 1024, max: 1500 });
      const fits =
        typeof key.default === 'number' && key.check(1024).length > 0
          ? fc.integer({ min: 10, max: 100 })
          : other;
      return [key.path, valueOf[key.path] ?? fits];
    }),
  ),
  { requiredKeys: ['cluster.probe_timeout_ms', 'cluster.health_check_interval_ms', 'lease.ttl_secs'] },
);

type Tables = Record<string, unknown>;

function setAt(tables: Tables, [first = '', ...rest]: readonly string[], value: ConfigValue): void {
  if (rest.length === 0) tables[first] = value;
  else setAt((tables[first] ??= {}) as Tables, rest, value);
}

describe('whatever is configured', () => {
  it('comes out the same from a file, the environment, flags and a program', () => {
    fc.assert(
      fc.property(anyValues, (values) => {
        const tables: Tables = {};
        const env: Record<string, string> = {};
        for (const { path, section, name, variable } of configKeys) {
          const value = values[path];
          if (value === undefined) continue;
          setAt(tables, [...section.split('.'), name], value);
          env[variable] = String(value);
        }
        const fromFile = loadConfig({ text: stringify(tables as never), hostName });
        expect(loadConfig({ env, hostName }).config).toEqual(fromFile.config);
        expect(loadConfig({ flags: values, hostName }).config).toEqual(fromFile.config);
        expect(loadConfig({ overrides: fromFile.config, hostName }).config).toEqual(fromFile.config);
        for (const { key, value, source } of fromFile.settings) {
          if (key.path in values) expect([value, source.from]).toEqual([values[key.path], 'file']);
          else expect(source.from).toBe('default');
        }
      }),
    );
  });
});
