import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { NetworkInterfaceInfo } from 'node:os';
import { createServer as createTlsServer } from 'node:https';
import { describe, expect, it } from '@jest/globals';
import { hostOf, ownAddress } from './own-address.js';

function on(address: string, internal = false): NetworkInterfaceInfo {
  const common = { address, netmask: '', mac: '', internal, cidr: null };
  return address.includes(':') ? { ...common, family: 'IPv6', scopeid: 0 } : { ...common, family: 'IPv4' };
}

const everything = {
  lo: [on('127.0.0.1', true), on('::1', true)],
  eth0: [on('fe80::1'), on('2001:db8::5'), on('169.254.3.4'), on('10.0.0.5')],
  none: undefined,
};

describe('hostOf', () => {
  const bound = (address: string) => ({ address, port: 1, family: address.includes(':') ? 'IPv6' : 'IPv4' });

  it.each([
    ['10.1.2.3', everything, '10.1.2.3'],
    ['2001:db8::9', everything, '2001:db8::9'],
    ['127.0.0.1', everything, '127.0.0.1'],
    ['0.0.0.0', everything, '10.0.0.5'],
    ['::', everything, '10.0.0.5'],
    ['::', { eth0: [on('2001:db8::5')] }, '2001:db8::5'],
    ['0.0.0.0', { eth0: [on('2001:db8::5')] }, '127.0.0.1'],
    ['0.0.0.0', { eth0: [on('169.254.3.4')] }, '127.0.0.1'],
    ['::', {}, '127.0.0.1'],
  ])('bound to %s: case %#', (address, interfaces, expected) => {
    expect(hostOf(bound(address), interfaces)).toBe(expected);
  });
});

describe('ownAddress', () => {
  async function listening<Kind extends Server>(server: Kind, host: string): Promise<Kind> {
    server.listen(0, host);
    await once(server, 'listening');
    return server;
  }

  it('is what a server listens on', async () => {
    const server = await listening(createServer(), '127.0.0.1');
    const { port } = server.address() as { port: number };
    expect(ownAddress(server)).toEqual({
      host: '127.0.0.1',
      port,
      protocol: 'http',
      url: `http://127.0.0.1:${port}`,
    });
    expect(ownAddress(server, 'orders.example')).toMatchObject({
      host: 'orders.example',
      url: `http://orders.example:${port}`,
    });
    expect(ownAddress(server, '2001:db8::1').url).toBe(`http://[2001:db8::1]:${port}`);
    server.close();
  });

  it('knows HTTPS', async () => {
    const server = await listening(createTlsServer(), '127.0.0.1');
    expect(ownAddress(server).url).toMatch(/^https:/);
    server.close();
  });

  it('refuses a server that listens on no port', () => {
    expect(() => ownAddress(createServer())).toThrow(/TCP port/);
  });
});
