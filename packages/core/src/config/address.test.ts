import { describe, expect, it } from '@jest/globals';
import { formatHostPort, isWildcardHost, parseHostPort, parsePeer } from './address.js';
import { advertiseRule, nodeIdRule, originRule, secretRule } from './rules.js';

describe('parseHostPort', () => {
  it.each([
    ['0.0.0.0:8080', '0.0.0.0', 8080],
    ['127.0.0.1:0', '127.0.0.1', 0],
    ['node_1.example.com:65535', 'node_1.example.com', 65_535],
    ['localhost:80', 'localhost', 80],
    ['[::]:8080', '::', 8080],
    ['[2001:db8::1]:1', '2001:db8::1', 1],
  ])('reads %s, and writes it again', (text, host, port) => {
    expect(parseHostPort(text)).toEqual({ host, port });
    expect(formatHostPort({ host, port })).toBe(text);
  });

  it.each([
    '',
    ':8080',
    'localhost',
    'localhost:',
    'localhost:65536',
    'localhost:-1',
    'localhost:http',
    'localhost:80 ',
    'local host:80',
    '::1:80',
    '[::1]',
    '[nonsense]:80',
    '256.0.0.1:80',
    '1.2.3:80',
    '-a.example:80',
    `${'a'.repeat(64)}:80`,
    'http://localhost:80',
    'user@localhost:80',
  ])('refuses %j', (text) => {
    expect(parseHostPort(text)).toBeUndefined();
  });
});

describe('isWildcardHost', () => {
  it('knows the addresses that mean every interface', () => {
    expect(['0.0.0.0', '::', '0:0:0:0:0:0:0:0'].filter(isWildcardHost)).toHaveLength(3);
    expect(['::1', '127.0.0.1', '10.0.0.0', 'localhost'].filter(isWildcardHost)).toEqual([]);
  });
});

describe('parsePeer', () => {
  it.each([
    ['10.0.0.2:8080', '10.0.0.2:8080', 'http://10.0.0.2:8080'],
    ['http://node2:8080', 'node2:8080', 'http://node2:8080'],
    ['http://node2:8080/', 'node2:8080', 'http://node2:8080'],
    ['https://node2', 'node2:443', 'https://node2:443'],
    ['http://node2', 'node2:80', 'http://node2:80'],
    ['http://[::1]', '[::1]:80', 'http://[::1]:80'],
    ['[::1]:8080', '[::1]:8080', 'http://[::1]:8080'],
  ])('reads %s', (text, address, url) => {
    expect(parsePeer(text)).toEqual({ address, url, resolved: false });
  });

  it.each([
    ['dns+http://nodes.local:8080', 'nodes.local:8080', 'http://nodes.local:8080'],
    ['dns+https://nodes.local/', 'nodes.local:443', 'https://nodes.local:443'],
  ])('reads %s, a name of several nodes', (text, address, url) => {
    expect(parsePeer(text)).toEqual({ address, url, resolved: true });
  });

  it.each([
    '',
    'node2',
    'node2:0',
    'node2:8080/',
    'ftp://node2:80',
    'dns+node2:80',
    'dns+ftp://node2:80',
    'http://',
    'http://node2:8080/path',
    'http://node2:8080//',
    'http://user:pw@node2:8080',
    'http://node2:99999',
    '0.0.0.0:8080',
    '[::]:8080',
  ])('refuses %j', (text) => {
    expect(parsePeer(text)).toBeUndefined();
  });
});

describe('rules', () => {
  it('takes an origin only as a browser sends it', () => {
    const good = ['http://a.example', 'https://a.example:8443', 'http://127.0.0.1:3000', 'http://[::1]:3000'];
    const bad = [
      '*',
      'null',
      'a.example',
      'http://a.example/',
      'https://a.example:443',
      'http://a.example:80',
      'http://A.example',
      'ftp://a.example',
      'http://a.example:99999',
    ];
    expect(good.filter((origin) => originRule.accepts(origin))).toEqual(good);
    expect(bad.filter((origin) => originRule.accepts(origin))).toEqual([]);
  });

  it('takes a node id that fits into a header and a log id', () => {
    const good = ['node1', 'host.example:8080', 'a/b', 'x'.repeat(255)];
    const bad = ['', 'a b', 'node#1', '/a', 'a/', 'knöten', 'x'.repeat(256), 'a\n'];
    expect(good.filter((id) => nodeIdRule.accepts(id))).toEqual(good);
    expect(bad.filter((id) => nodeIdRule.accepts(id))).toEqual([]);
  });

  it('takes a secret that fits into a header', () => {
    expect(secretRule.accepts('p4ss/w0rd+=~')).toBe(true);
    expect(
      ['', 'two words', 'schlüssel', 'a\n', 'x'.repeat(1025)].filter((text) => secretRule.accepts(text)),
    ).toEqual([]);
  });

  it('takes no wildcard for the address that others are told', () => {
    expect(advertiseRule.accepts('10.0.0.1:8080')).toBe(true);
    expect(['0.0.0.0:8080', '[::]:8080', '10.0.0.1'].filter((text) => advertiseRule.accepts(text))).toEqual(
      [],
    );
  });
});
