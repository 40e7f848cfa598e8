import { once } from 'node:events';
import { createServer } from 'node:net';

export const host = '127.0.0.1';

/** Below the ports that outgoing connections get, so that none of these takes one of ours. */
const lowest = 20_000;
const highest = 32_000;
const attempts = 50;

/** So many ports in a row that are free now. */
export async function freePorts(count: number): Promise<number[]> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const first = lowest + Math.floor(Math.random() * (highest - lowest - count));
    const ports = Array.from({ length: count }, (_, index) => first + index);
    const free = await Promise.all(ports.map(isFree));
    if (!free.includes(false)) return ports;
  }
  throw new Error(`found no ${count} free ports in a row between ${lowest} and ${highest}`);
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
