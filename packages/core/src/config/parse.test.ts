import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadConfig } from './load.js';
import { ConfigError } from './problems.js';
import { configKeys } from './schema.js';

const hostName = 'host1';

/** The lines of the message with which a file is refused. */
function refusal(text: string): string[] {
  try {
    loadConfig({ text, file: 'a.toml', hostName });
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  throw new Error('accepted');
}

describe('a file that is accepted', () => {
  it.each([
    ['sections', '[server]\nzone = "z"\n[lease]\nttl_secs = 60'],
    ['dotted keys', 'server.zone = "z"\nlease.ttl_secs = 60'],
    ['inline tables', 'server = { zone = "z" }\nlease = { ttl_secs = 60 }'],
    ['quoted names', '["server"]\n"zone" = \'z\'\n[lease]\n"ttl_secs" = 60'],
    ['Windows line ends', '[server]\r\nzone = "z"\r\n\r\n[lease]\r\nttl_secs = 60\r\n'],
    ['a byte order mark', '\uFEFF[server]\nzone = "z"\n[lease]\nttl_secs = 60'],
    ['other ways to write numbers and strings', '[server]\nzone = """\\\n  z"""\n[lease]\nttl_secs = 0x3c'],
  ])('may use %s', (_what, text) => {
    const { config } = loadConfig({ text, hostName });
    expect([config.server.zone, config.lease.ttlMs]).toEqual(['z', 60_000]);
  });

  it('may spread a list over lines, with comments and a comma at the end', () => {
    const text = '[cluster]\npeers = [\n  "a:1", # first\n  "http://b:2",\n]';
    expect(loadConfig({ text, hostName }).config.cluster.peers).toEqual(['a:1', 'http://b:2']);
  });

  it('may be empty', () => {
    expect(loadConfig({ text: '', hostName })).toEqual(loadConfig({ hostName }));
  });
});

describe('a file that is refused', () => {
  it.each([
    // No TOML.
    [
      '[server]\nzone == "z"',
      'a.toml:2:7: not valid TOML: Unexpected character, expecting string, number, datetime, boolean, inline array or inline table',
    ],
    ['zone = "z', 'a.toml:1:10: not valid TOML: Unterminated string'],
    ['[lease]\nttl_secs = 1\nttl_secs = 2\n', "a.toml:3:13: not valid TOML: Can't redefine existing key"],
    ['[lease]\n[cache]\n[lease]\n', "a.toml:3:7: not valid TOML: Can't redefine existing key"],
    ['[lease\nttl_secs = 1', 'a.toml:1:7: not valid TOML: Unexpected character, expected whitespace, . or ]'],

    // Unknown names.
    ['[server]\nlisten_adr = "a:1"', 'a.toml:2: [server] listen_adr: unknown key, did you mean listen_addr?'],
    ['[server]\nlistenAddr = "a:1"', 'a.toml:2: [server] listenAddr: unknown key, did you mean listen_addr?'],
    [
      '[lease]\n\nrequests_per_second = 5',
      'a.toml:3: [lease] requests_per_second: unknown key here, did you mean requests_per_second in [ratelimit]?',
    ],
    [
      '[lease]\ncolour = "red"',
      'a.toml:2: [lease] colour: unknown key, expected one of ttl_secs, cleanup_interval_secs, orphan_grace_secs, orphan_retention_secs',
    ],
    [
      '[lease]\ntoString = 1',
      'a.toml:2: [lease] toString: unknown key, expected one of ttl_secs, cleanup_interval_secs, orphan_grace_secs, orphan_retention_secs',
    ],
    [
      '[lease]\n__proto__ = 1',
      'a.toml:2: [lease] __proto__: unknown key, expected one of ttl_secs, cleanup_interval_secs, orphan_grace_secs, orphan_retention_secs',
    ],
    [
      'server.zone.x = 1',
      'a.toml:1: [server] zone: is a table, expected 1 to 255 printable characters without "/" at the ends',
    ],
    [
      '[server]\n"server.zone" = "z"',
      'a.toml:2: [server] server.zone: unknown key, expected one of node_id, listen_addr, advertise_addr, region, zone, max_body_bytes, drain_timeout_secs, allowed_origins, trust_proxy',
    ],
    ['# x\n[srver]\nzone = "z"', 'a.toml:2: [srver]: unknown section, did you mean [server]?'],
    [
      '[colours]',
      'a.toml:1: [colours]: unknown section, expected one of [server], [cluster], [replication], [lease], [lease.self_preservation], [cache], [ratelimit], [push], [health], [storage], [logging]',
    ],
    [
      '[__proto__]',
      'a.toml:1: [__proto__]: unknown section, expected one of [server], [cluster], [replication], [lease], [lease.self_preservation], [cache], [ratelimit], [push], [health], [storage], [logging]',
    ],
    [
      '[lease.self_preservatoin]\nenabled = true',
      'a.toml:1: [lease.self_preservatoin]: unknown section, did you mean [lease.self_preservation]?',
    ],
    [
      '[lease.self_preservation]\nthreshold = 1',
      'a.toml:2: [lease.self_preservation] threshold: is 1, expected a number above 0 and below 1',
    ],
    ['ttl_secs = 5', 'a.toml:1: ttl_secs: key outside of a section, did you mean it in [lease]?'],
    ['enabled = true', 'a.toml:1: enabled: key outside of a section'],
    ['server = 3', 'a.toml:1: [server]: is 3, expected a section with keys such as node_id'],
    ['[[server]]\nzone = "z"', 'a.toml:1: [server]: is a list, expected a section with keys such as node_id'],

    // Wrong types and values.
    [
      '[lease]\nttl_secs = "30"',
      'a.toml:2: [lease] ttl_secs: is "30", expected an integer from 1 to 1500 (seconds)',
    ],
    [
      '[lease]\nttl_secs = 0',
      'a.toml:2: [lease] ttl_secs: is 0, expected an integer from 1 to 1500 (seconds)',
    ],
    [
      '[lease]\nttl_secs = 1501',
      'a.toml:2: [lease] ttl_secs: is 1501, expected an integer from 1 to 1500 (seconds)',
    ],
    [
      '[lease]\nttl_secs = 1.5',
      'a.toml:2: [lease] ttl_secs: is 1.5, expected an integer from 1 to 1500 (seconds)',
    ],
    [
      '[lease]\nttl_secs = nan',
      'a.toml:2: [lease] ttl_secs: is NaN, expected an integer from 1 to 1500 (seconds)',
    ],
    [
      '[lease]\nttl_secs = 9007199254740993',
      'a.toml:2: [lease] ttl_secs: is 9007199254740993, expected an integer from 1 to 1500 (seconds)',
    ],
    [
      '[lease]\nttl_secs = 2020-01-01',
      'a.toml:2: [lease] ttl_secs: is a date, expected an integer from 1 to 1500 (seconds)',
    ],
    [
      '[replication]\nbatch_size = 10001',
      'a.toml:2: [replication] batch_size: is 10001, expected an integer from 1 to 10000',
    ],
    [
      '[server]\nmax_body_bytes = 1',
      'a.toml:2: [server] max_body_bytes: is 1, expected an integer from 1024 to 1073741824 (bytes)',
    ],
    ['[cluster]\nenabled = "true"', 'a.toml:2: [cluster] enabled: is "true", expected true or false'],
    [
      '[logging]\nlevel = "verbose"',
      'a.toml:2: [logging] level: is "verbose", expected one of error, warn, info, debug',
    ],
    [
      '[server]\nlisten_addr = "8080"',
      'a.toml:2: [server] listen_addr: is "8080", expected HOST:PORT such as 0.0.0.0:8080, an IPv6 address in brackets',
    ],
    [
      '[server]\nlisten_addr = 8080',
      'a.toml:2: [server] listen_addr: is 8080, expected HOST:PORT such as 0.0.0.0:8080, an IPv6 address in brackets',
    ],
    [
      '[server]\nadvertise_addr = "0.0.0.0:1"',
      'a.toml:2: [server] advertise_addr: is "0.0.0.0:1", expected HOST:PORT that other nodes can reach, not 0.0.0.0 or [::]',
    ],
    [
      '[cluster]\npeers = "a:1"',
      'a.toml:2: [cluster] peers: is "a:1", expected a list, each item HOST:PORT, http://HOST:PORT or https://HOST:PORT of one node, or dns+http://HOST:PORT of several',
    ],
    [
      '[cluster]\npeers = [\n"a:1",\n"b",\n]',
      'a.toml:4: [cluster] peers[1]: is "b", expected HOST:PORT, http://HOST:PORT or https://HOST:PORT of one node, or dns+http://HOST:PORT of several',
    ],
    [
      '[cluster]\npeers = [ 5 ]',
      'a.toml:2: [cluster] peers[0]: is 5, expected HOST:PORT, http://HOST:PORT or https://HOST:PORT of one node, or dns+http://HOST:PORT of several',
    ],
    [
      '[server]\nallowed_origins = ["*"]',
      'a.toml:2: [server] allowed_origins[0]: is "*", expected an origin as browsers send it: http(s)://host[:port], lower case, no default port, nothing after it',
    ],
    [
      '[server]\nregion = ""',
      'a.toml:2: [server] region: is "", expected 1 to 255 printable characters without "/" at the ends',
    ],
    [
      "[server]\nnode_id = 'a\"b'",
      'a.toml:2: [server] node_id: is "a\\"b", expected 1 to 255 visible ASCII characters without "#" or quotes, and without "/" at the ends',
    ],
    [
      '[cluster]\nsecret = ""',
      'a.toml:2: [cluster] secret: cannot be used, expected 1 to 1024 visible ASCII characters without spaces',
    ],
    [
      '[cluster]\nsecret = "top secret"',
      'a.toml:2: [cluster] secret: cannot be used, expected 1 to 1024 visible ASCII characters without spaces',
    ],
  ])('%j', (text, message) => {
    expect(refusal(text)).toEqual([message]);
  });

  it('repeats no more of a long value than helps', () => {
    const [message = ''] = refusal(`[logging]\nlevel = "${'x'.repeat(5000)}"`);
    expect(message.length).toBeLessThan(200);
  });

  it('lists every problem, in the order of the file', () => {
    expect(
      refusal(
        '[lease]\nttl_secs = 0\n\n[server]\nzones = 1\nzone = 1\n[cluster]\npeers = ["x", "y"]\n[oops]',
      ),
    ).toEqual([
      expect.stringContaining('a.toml:2: [lease] ttl_secs: '),
      expect.stringContaining('a.toml:5: [server] zones: unknown key, did you mean zone?'),
      expect.stringContaining('a.toml:6: [server] zone: is 1'),
      expect.stringContaining('a.toml:8: [cluster] peers[0]: '),
      expect.stringContaining('a.toml:8: [cluster] peers[1]: '),
      expect.stringContaining('a.toml:9: [oops]: '),
    ]);
  });

  it('carries its problems as data too', () => {
    try {
      loadConfig({ text: '\n[server]\nzone = 1', hostName });
      throw new Error('accepted');
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as ConfigError).problems).toEqual([
        {
          source: { from: 'file', file: 'configuration', line: 3 },
          subject: '[server] zone',
          message: 'is 1, expected 1 to 255 printable characters without "/" at the ends',
        },
      ]);
    }
  });

  it('names the line of an unknown key wherever it stands', () => {
    const known = configKeys.map((key) => key.name);
    const name = fc.stringMatching(/^[a-z][a-z_]{0,20}$/).filter((word) => !known.includes(word));
    const section = fc.constantFrom(...new Set(configKeys.map((key) => key.section)));
    const padding = fc.array(fc.constantFrom('', '# comment', '  ', '\t# x = ['), { maxLength: 10 });
    fc.assert(
      fc.property(name, section, padding, padding, (unknown, table, above, between) => {
        const text = [...above, `[${table}]`, ...between, `${unknown} = 1`].join('\n');
        const line = above.length + between.length + 2;
        expect(refusal(text)).toEqual([
          expect.stringMatching(new RegExp(`^a\\.toml:${line}: \\[${table}\\] ${unknown}: unknown key`)),
        ]);
      }),
    );
  });
});
