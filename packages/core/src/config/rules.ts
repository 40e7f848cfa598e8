/** What the texts of the configuration must look like. */
import { idSchema } from '../models/instance.js';
import { isWildcardHost, parseHostPort, parsePeer } from './address.js';

export interface TextRule {
  /** Completes "expected …". */
  readonly expected: string;
  accepts(text: string): boolean;
}

/** Region and zone: the same rule as for the ids of instances. */
export const idRule: TextRule = {
  expected: '1 to 255 printable characters without "/" at the ends',
  accepts: (text) => idSchema.safeParse(text).success,
};

/** Narrower than other ids: it travels in headers, in an ETag between quotes, and "#" divides it from the run id. */
export const nodeIdRule: TextRule = {
  expected: '1 to 255 visible ASCII characters without "#" or quotes, and without "/" at the ends',
  accepts: (text) => /^(?!\/)[\x21\x24-\x7e]{1,255}(?<!\/)$/.test(text),
};

export const listenRule: TextRule = {
  expected: 'HOST:PORT such as 0.0.0.0:8080, an IPv6 address in brackets',
  accepts: (text) => parseHostPort(text) !== undefined,
};

/** Port 0 is left in for a node that listens on any free port: whoever listens puts the real one in. */
export const advertiseRule: TextRule = {
  expected: 'HOST:PORT that other nodes can reach, not 0.0.0.0 or [::]',
  accepts(text) {
    const address = parseHostPort(text);
    return address !== undefined && !isWildcardHost(address.host);
  },
};

export const peerRule: TextRule = {
  expected:
    'HOST:PORT, http://HOST:PORT or https://HOST:PORT of one node, or dns+http://HOST:PORT of several',
  accepts: (text) => parsePeer(text) !== undefined,
};

/** It travels in a header. */
export const secretRule: TextRule = {
  expected: '1 to 1024 visible ASCII characters without spaces',
  accepts: (text) => /^[\x21-\x7e]{1,1024}$/.test(text),
};

/** Compared with the `Origin` header character by character, so only what a browser would send can ever match. */
export const originRule: TextRule = {
  expected:
    'an origin as browsers send it: http(s)://host[:port], lower case, no default port, nothing after it',
  accepts(text) {
    const match = /^(https?):\/\/([^/]+)$/.exec(text);
    if (match === null || text !== text.toLowerCase()) return false;
    const [, scheme, authority = ''] = match;
    const defaultPort = scheme === 'https' ? 443 : 80;
    const withPort = parseHostPort(authority);
    if (withPort !== undefined) return withPort.port !== 0 && withPort.port !== defaultPort;
    return parseHostPort(`${authority}:${defaultPort}`) !== undefined;
  },
};

export const directoryRule: TextRule = {
  expected: 'the path of a directory',
  accepts: (text) => text.trim() !== '' && !text.includes('\0'),
};
