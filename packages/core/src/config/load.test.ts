import { describe, expect, it } from '@jest/globals';
import type { ConfigInput, ConfigOverrides } from './load.js';
import { defaultConfig, loadConfig } from './load.js';

const hostName = 'host1';

/** Why an input is refused. */
function refusal(input: Partial<ConfigInput>): string {
  try {
    loadConfig({ hostName, ...input });
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('accepted');
}

describe('defaults', () => {
  it('are those of the documentation', () => {
    expect(loadConfig({ hostName }).config).toEqual({
      server: {
        nodeId: 'host1:8080',
        listenAddr: '0.0.0.0:8080',
        advertiseAddr: 'host1:8080',
        region: 'local',
        zone: 'zone1',
        maxBodyBytes: 8_388_608,
        drainTimeoutMs: 10_000,
        allowedOrigins: [],
        trustProxy: false,
      },
      cluster: {
        enabled: false,
        peers: [],
        secret: undefined,
        healthCheckIntervalMs: 5000,
        probeTimeoutMs: 1000,
      },
      replication: {
        enabled: true,
        timeoutMs: 5000,
        batchSize: 100,
        batchIntervalMs: 100,
        maxRetries: 3,
        outboxLimit: 100_000,
        settleMs: 1000,
        antiEntropyIntervalMs: 5000,
        bootstrapTimeoutMs: 60_000,
        compressMinBytes: 16_384,
        maxConnectionsPerPeer: 10,
        tombstoneRetentionMs: 3_600_000,
        maxClockDriftMs: 60_000,
      },
      lease: {
        ttlMs: 30_000,
        cleanupIntervalMs: 60_000,
        orphanGraceMs: 600_000,
        orphanRetentionMs: 1_500_000,
      },
      selfPreservation: {
        enabled: true,
        threshold: 0.85,
        windowMs: 60_000,
        minInstances: 10,
        maxDurationMs: 600_000,
      },
      cache: { enabled: true, expiryMs: 300_000 },
      ratelimit: { enabled: true, requestsPerSecond: 10_000, burstSize: 5000 },
      push: {
        maxSessions: 20_000,
        maxSubscriptions: 1000,
        maxFrameBytes: 1_048_576,
        queueLimit: 1000,
        pingIntervalMs: 15_000,
        idleTimeoutMs: 60_000,
      },
      health: { maxLoopLagMs: 5000 },
      storage: { engine: 'lmdb', dataDir: './data', durability: 'process' },
      logging: { level: 'info', format: 'text' },
    });
  });

  it.each([
    ['0.0.0.0:9000', 'host1:9000', 'host1:9000'],
    ['[::]:9000', 'host1:9000', 'host1:9000'],
    ['127.0.0.1:9000', 'host1:9000', '127.0.0.1:9000'],
    ['[::1]:9000', 'host1:9000', '[::1]:9000'],
    ['127.0.0.1:0', 'host1:0', '127.0.0.1:0'],
  ])('of a node that listens on %s: node_id %s, advertise_addr %s', (listen, nodeId, advertise) => {
    const { server } = loadConfig({ flags: { 'server.listen_addr': listen }, hostName }).config;
    expect([server.nodeId, server.advertiseAddr]).toEqual([nodeId, advertise]);
  });

  it('that cannot be made from the host name are refused', () => {
    expect(refusal({ hostName: 'my host' }).split('\n')).toEqual([
      '[server] node_id: the default is "my host:8080", expected 1 to 255 visible ASCII characters without "#" or quotes, and without "/" at the ends: set it',
      '[server] advertise_addr: the default is "my host:8080", expected HOST:PORT that other nodes can reach, not 0.0.0.0 or [::]: set it',
    ]);
    const text = '[server]\nnode_id = "node1"\nadvertise_addr = "10.0.0.1:8080"';
    expect(loadConfig({ text, hostName: 'my host' }).config.server.nodeId).toBe('node1');
  });
});

describe('order of strength', () => {
  const sources: Partial<ConfigInput>[] = [
    { text: '[server]\nzone = "file"', file: 'a.toml' },
    { env: { ARTEMIS_SERVER_ZONE: 'environment' } },
    { flags: { 'server.zone': 'flag' } },
    { overrides: { server: { zone: 'program' } } },
  ];

  it.each([
    [0, 'zone1', { from: 'default' }],
    [1, 'file', { from: 'file', file: 'a.toml', line: 2 }],
    [2, 'environment', { from: 'environment', variable: 'ARTEMIS_SERVER_ZONE' }],
    [3, 'flag', { from: 'flag' }],
    [4, 'program', { from: 'program' }],
  ])('with the first %d sources the value is %s', (count, value, source) => {
    const loaded = loadConfig(
      sources.slice(0, count).reduce<ConfigInput>((all, source) => ({ ...all, ...source }), { hostName }),
    );
    expect(loaded.config.server.zone).toBe(value);
    const setting = loaded.settings.find(({ key }) => key.path === 'server.zone');
    expect(setting).toMatchObject({ value, source });
  });

  it('does not excuse a bad value that is replaced', () => {
    expect(refusal({ text: '[lease]\nttl_secs = 0', env: { ARTEMIS_LEASE_TTL_SECS: '30' } })).toBe(
      'configuration:2: [lease] ttl_secs: is 0, expected an integer from 1 to 1500 (seconds)',
    );
  });
});

describe('environment', () => {
  it('gives texts, numbers, booleans and lists', () => {
    const { config } = loadConfig({
      hostName,
      env: {
        ARTEMIS_SERVER_NODE_ID: 'node1',
        ARTEMIS_REPLICATION_TIMEOUT_SECS: ' 7 ',
        ARTEMIS_CLUSTER_ENABLED: 'true',
        ARTEMIS_CACHE_ENABLED: 'false',
        ARTEMIS_CLUSTER_PEERS: 'a:1, http://b:2',
        ARTEMIS_SERVER_ALLOWED_ORIGINS: '',
        ARTEMIS_LOGGING_FORMAT: 'json',
        ARTEMIS_CLUSTER_SECRET: 's3cret',
      },
    });
    expect(config.server.nodeId).toBe('node1');
    expect(config.replication.timeoutMs).toBe(7000);
    expect([config.cluster.enabled, config.cache.enabled]).toEqual([true, false]);
    expect(config.cluster.peers).toEqual(['a:1', 'http://b:2']);
    expect(config.server.allowedOrigins).toEqual([]);
    expect(config.logging.format).toBe('json');
    expect(config.cluster.secret).toBe('s3cret');
  });

  it('is read only where a key exists', () => {
    const env = {
      ARTEMIS_SERVER_PORT: 'tcp://10.0.0.1:80',
      ARTEMIS_LEASE: '5',
      artemis_lease_ttl_secs: '5',
      PATH: '/',
    };
    expect(loadConfig({ hostName, env })).toEqual(loadConfig({ hostName }));
  });

  it.each([
    [
      'ARTEMIS_LEASE_TTL_SECS',
      'soon',
      '[lease] ttl_secs: is "soon", expected an integer from 1 to 1500 (seconds)',
    ],
    ['ARTEMIS_LEASE_TTL_SECS', '', '[lease] ttl_secs: is "", expected an integer from 1 to 1500 (seconds)'],
    [
      'ARTEMIS_LEASE_TTL_SECS',
      '1e2',
      '[lease] ttl_secs: is "1e2", expected an integer from 1 to 1500 (seconds)',
    ],
    [
      'ARTEMIS_LEASE_TTL_SECS',
      '1501',
      '[lease] ttl_secs: is 1501, expected an integer from 1 to 1500 (seconds)',
    ],
    ['ARTEMIS_CLUSTER_ENABLED', 'yes', '[cluster] enabled: is "yes", expected true or false'],
    [
      'ARTEMIS_CLUSTER_PEERS',
      'a:1,,b:2',
      '[cluster] peers[1]: is "", expected HOST:PORT, http://HOST:PORT or https://HOST:PORT of one node, or dns+http://HOST:PORT of several',
    ],
    [
      'ARTEMIS_CLUSTER_SECRET',
      '',
      '[cluster] secret: cannot be used, expected 1 to 1024 visible ASCII characters without spaces',
    ],
  ])('%s=%s is refused by the name of the variable', (variable, value, message) => {
    expect(refusal({ env: { [variable]: value } })).toBe(`${variable}: ${message}`);
  });
});

describe('flags', () => {
  it('may be texts or values, and those not given are left out', () => {
    const flags = {
      'logging.level': 'debug',
      'lease.ttl_secs': 5,
      'server.trust_proxy': 'true',
      'server.zone': undefined,
    };
    const { config } = loadConfig({ hostName, flags });
    expect([config.logging.level, config.lease.ttlMs]).toEqual(['debug', 5000]);
    expect([config.server.trustProxy, config.server.zone]).toEqual([true, 'zone1']);
  });

  it('are refused when wrong or unknown', () => {
    expect(refusal({ flags: { 'logging.level': 'loud' } })).toBe(
      'command line: [logging] level: is "loud", expected one of error, warn, info, debug',
    );
    expect(refusal({ flags: { 'server.listen': 'a:1' } })).toMatch(
      /^command line: \[server\] listen: unknown key/,
    );
    expect(refusal({ flags: { 'servr.zone': 'a' } })).toBe(
      'command line: [servr] zone: unknown key here, did you mean zone in [server]?',
    );
  });
});

describe('defaultConfig', () => {
  it('is complete, and takes values in the names and units of the code', () => {
    const config = defaultConfig({ lease: { ttlMs: 1500 }, cluster: { peers: ['a:1'] } });
    expect(config).toEqual({
      ...defaultConfig(),
      lease: { ...defaultConfig().lease, ttlMs: 1500 },
      cluster: { ...defaultConfig().cluster, peers: ['a:1'] },
    });
    expect(config.server.nodeId).toBe('localhost:8080');
  });

  it('refuses what a file may not say either', () => {
    expect(() => defaultConfig({ lease: { ttlMs: 999 } })).toThrow(
      'lease.ttlMs: is 999, expected an integer from 1000 to 1500000 (milliseconds)',
    );
    expect(() => defaultConfig({ lease: { ttlMs: 1000.5 } })).toThrow(
      'lease.ttlMs: is 1000.5, expected an integer',
    );
    expect(() => defaultConfig({ cluster: { peers: ['a:1', '?'] } })).toThrow(
      'cluster.peers[1]: is "?", expected HOST',
    );
    expect(() => defaultConfig({ cluster: { probeTimeoutMs: 6000 } })).toThrow(
      'cluster.probe_timeout_ms (6000) must',
    );
  });

  it.each([
    [{ lease: { ttl: 5 } }, 'lease.ttl: unknown key, expected one of ttlMs, cleanupIntervalMs'],
    [{ lease: { ttlSecs: 5 } }, 'lease.ttlSecs: unknown key'],
    [{ lease: { ttl_secs: 5 } }, 'lease.ttl_secs: unknown key, did you mean ttlMs, in milliseconds?'],
    [{ server: { node_id: 'a' } }, 'server.node_id: unknown key, did you mean nodeId?'],
    [{ server: { nodId: 'a' } }, 'server.nodId: unknown key, did you mean nodeId?'],
    [{ server: { ttlMs: 5000 } }, 'server.ttlMs: unknown key here, did you mean lease.ttlMs?'],
    [{ srver: {} }, 'srver: unknown section, did you mean server?'],
    [{ 'lease.self_preservation': {} }, 'unknown section, did you mean selfPreservation?'],
    [{ nodeId: 'a' }, 'nodeId: unknown section, expected one of server, cluster,'],
    [{ server: 'a:1' }, 'server: is "a:1", expected an object with keys such as nodeId'],
    [{ server: null }, 'server: is null, expected an object'],
  ])('says of %j what may be meant', (overrides, message) => {
    expect(() => defaultConfig(overrides as ConfigOverrides)).toThrow(message);
  });

  it('leaves out what is undefined, and lists all that is wrong', () => {
    expect(defaultConfig({ server: undefined } as unknown as ConfigOverrides)).toEqual(defaultConfig());
    expect(() => defaultConfig({ srver: {}, lease: { ttl: 1 } } as ConfigOverrides)).toThrow(
      /^srver: .+\nlease\.ttl: .+$/,
    );
  });
});
