/** `HOST:PORT` and the addresses of peers, read without the platform's `URL`, which accepts too much (`http://1`). */
import * as z from 'zod';

export interface HostPort {
  /** Host name or IP address, an IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number;
}

/** A peer of `cluster.peers`. */
export interface PeerAddress {
  /** `HOST:PORT`, an IPv6 address in brackets. */
  readonly address: string;
  /** Base URL without a slash at the end: `http://HOST:PORT`. */
  readonly url: string;
  /** Whether the host is a name that stands for every address it resolves to: `dns+http://HOST:PORT`. */
  readonly resolved: boolean;
}

const ipv4 = z.ipv4();
const ipv6 = z.ipv6();
const label = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
const hostName = new RegExp(`^(?=.{1,253}$)${label}(?:\\.${label})*\\.?$`);

function isHost(text: string): boolean {
  const looksLikeIpv4 = /^[\d.]+$/.test(text);
  return looksLikeIpv4 ? ipv4.safeParse(text).success : hostName.test(text);
}

/**
 * Reads `HOST:PORT`, where HOST is a host name, an IPv4 address, or an IPv6 address in brackets, and PORT is 0–65535.
 * Answers `undefined` for anything else.
 */
export function parseHostPort(text: string): HostPort | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const [, bracketed, plain = '', digits] = match;
  const port = Number(digits);
  if (port > 65_535) return undefined;
  if (bracketed !== undefined)
    return ipv6.safeParse(bracketed).success ? { host: bracketed, port } : undefined;
  return isHost(plain) ? { host: plain, port } : undefined;
}

/** The inverse of {@link parseHostPort}. */
export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether a listener on this host takes connections on every interface, so that nobody can be told to call it. */
export function isWildcardHost(host: string): boolean {
  return host === '0.0.0.0' || /^[0:]+$/.test(host);
}

const defaultPorts = { http: 80, https: 443 } as const;

/**
 * Reads `HOST:PORT`, `http://HOST[:PORT]` or `https://HOST[:PORT]`, the last two with or without `dns+` before and a
 * slash at the end. Answers `undefined` for anything else, for port 0 and for an address that names no host in
 * particular.
 */
export function parsePeer(text: string): PeerAddress | undefined {
  const match = /^(?:(dns\+)?(https?):\/\/)?([^/]+?)(\/?)$/.exec(text);
  if (match === null) return undefined;
  const [, resolved, scheme, authority = '', slash] = match;
  if (scheme === undefined && slash !== '') return undefined;
  const known = scheme === 'https' ? 'https' : 'http';
  const target =
    parseHostPort(authority) ??
    (scheme === undefined ? undefined : parseHostPort(`${authority}:${defaultPorts[known]}`));
  if (target === undefined || target.port === 0 || isWildcardHost(target.host)) return undefined;
  const address = formatHostPort(target);
  return { address, url: `${known}://${address}`, resolved: resolved !== undefined };
}
