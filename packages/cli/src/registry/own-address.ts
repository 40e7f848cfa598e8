import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';

/**
 * The address of this machine on the way to a node. Nothing is sent: a datagram socket that is bound to a target knows
 * its own address by the routes of this machine, so that the node need not be there.
 *
 * @param url of the node
 */
export async function ownAddress(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  try {
    const { address, family } = await lookup(hostname.replace(/^\[|\]$/g, ''));
    return await addressTowards(address, family === 6 ? 'udp6' : 'udp4', Number(port) || 80);
  } catch {
    const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1';
  }
}

function addressTowards(address: string, type: 'udp4' | 'udp6', port: number): Promise<string> {
  const socket = createSocket(type);
  return new Promise<string>((resolve, reject) => {
    socket.once('error', reject);
    socket.connect(port, address, () => resolve(socket.address().address));
  }).finally(() => socket.close());
}
