import { isIP } from 'node:net';

/**
 * Names whom an address is counted as. A client has one IPv4 address, but a whole /64 network of IPv6 addresses; an
 * IPv4 address in IPv6 clothes (`::ffff:192.0.2.1`) is what it is. Whatever is no address counts as one client.
 */
export function clientKeyOf(address: string): string {
  const family = isIP(address);
  if (family === 4) return address;
  if (family === 0) return '';
  const groups = groupsOf(address.replace(/%.*$/, ''));
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (mapped) return [6, 7].flatMap((index) => bytesOf(groups[index] ?? 0)).join('.');
  return groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':');
}

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): readonly number[] {
  const [head = '', tail] = address.split('::');
  const left = partsOf(head);
  if (tail === undefined) return left;
  const right = partsOf(tail);
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

function partsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [Number.parseInt(part, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

function bytesOf(group: number): number[] {
  return [group >> 8, group & 0xff];
}
