import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import { Server as TlsServer } from 'node:tls';

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

/** Where callers find a server that listens. */
export interface OwnAddress {
  /** IP address or host name. */
  readonly host: string;
  readonly port: number;
  readonly protocol: 'http' | 'https';
  /** Without a slash at the end. */
  readonly url: string;
}

/**
 * @param host what callers shall use, where it cannot be found out: behind a translation of addresses, for instance
 * @throws TypeError when the server listens on no port
 */
export function ownAddress(server: Server, host?: string): OwnAddress {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new TypeError('only a server that listens on a TCP port can be registered');
  const protocol = server instanceof TlsServer ? 'https' : 'http';
  const chosen = host ?? hostOf(address, networkInterfaces());
  const inUrl = chosen.includes(':') ? `[${chosen}]` : chosen;
  return { host: chosen, port: address.port, protocol, url: `${protocol}://${inUrl}:${address.port}` };
}

/**
 * The address that a server is bound to; for one that is bound to all, the first of this machine that others can reach,
 * IPv4 before IPv6; the loopback address when there is no other.
 */
export function hostOf({ address, family }: AddressInfo, interfaces: Interfaces): string {
  if (address !== '0.0.0.0' && address !== '::') return address;
  const outer = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter((candidate) => !candidate.internal && !isLinkLocal(candidate.address));
  const v4 = outer.find((candidate) => candidate.family === 'IPv4');
  // Bound to 0.0.0.0, nobody answers on IPv6.
  const v6 = family === 'IPv6' ? outer.find((candidate) => candidate.family === 'IPv6') : undefined;
  return (v4 ?? v6)?.address ?? '127.0.0.1';
}

/** Of use on one cable only. */
const isLinkLocal = (address: string): boolean => /^(169\.254\.|fe[89ab])/i.test(address);
