import { describe, expect, it } from '@jest/globals';
import { describeConfig } from './describe.js';
import { loadConfig } from './load.js';
import { configKeys } from './schema.js';

describe('describeConfig', () => {
  const loaded = loadConfig({
    text: '[lease]\nttl_secs = 60\n[cluster]\nsecret = "hunter2"',
    file: 'a.toml',
    env: { ARTEMIS_CLUSTER_PEERS: 'a:1,b:2' },
    flags: { 'logging.level': 'debug' },
    overrides: { replication: { timeoutMs: 250_000 } },
    hostName: 'host1',
  });
  const rows = describeConfig(loaded);

  it('has a row for every key', () => {
    expect(rows.map(({ key }) => key)).toEqual(configKeys.map(({ path }) => path));
  });

  it('shows documented units and where each value came from', () => {
    expect(rows).toEqual(
      expect.arrayContaining([
        { key: 'lease.ttl_secs', value: 60, source: 'a.toml:2' },
        { key: 'cluster.peers', value: ['a:1', 'b:2'], source: 'ARTEMIS_CLUSTER_PEERS' },
        { key: 'logging.level', value: 'debug', source: 'flag' },
        { key: 'replication.timeout_secs', value: 250, source: 'program' },
        { key: 'server.node_id', value: 'host1:8080', source: 'default' },
      ]),
    );
  });

  it('never shows a secret, only whether there is one', () => {
    expect(rows).toContainEqual({ key: 'cluster.secret', value: '***', source: 'a.toml:4' });
    expect(JSON.stringify(rows)).not.toContain('hunter2');
    const without = describeConfig(loadConfig({ hostName: 'host1' }));
    expect(without).toContainEqual({ key: 'cluster.secret', value: null, source: 'default' });
  });
});
