import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import type { PeerRequest } from '@artemis/core';
import { defaultConfig } from '@artemis/core/config';
import { silentLogger, systemRuntime } from '../runtime.js';
import type { HttpPeerTransportOptions } from './client.js';
import { HttpPeerTransport } from './client.js';

export const { scheduler } = systemRuntime(defaultConfig(), silentLogger);

export const get: PeerRequest = { method: 'GET', path: '/probe', headers: {}, timeoutMs: 5000 };

export function post(body: unknown): PeerRequest {
  return { ...get, method: 'POST', path: '/batch', body };
}

/** Fake peers on ports of this machine, and transports to call them with. */
export class HttpPeers {
  readonly #closers: (() => void)[] = [];

  close(): void {
    for (const close of this.#closers.splice(0)) close();
  }

  async serve(listener: RequestListener): Promise<{ url: string; server: Server }> {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return { url: urlOf(server.address()), server };
  }

  /** A peer that answers with these bytes, whatever it is asked, and hangs up when told so. */
  async serveBytes(bytes: string, { hangUp }: { hangUp: boolean }): Promise<string> {
    const open = new Set<Socket>();
    const server = createTcpServer((socket) => {
      open.add(socket);
      socket.on('error', () => {});
      socket.once('data', () => (hangUp ? socket.end(bytes) : socket.write(bytes)));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#closers.push(() => {
      for (const socket of open) socket.destroy();
      server.close();
    });
    return urlOf(server.address());
  }

  /** Where nobody listens. */
  async nowhere(): Promise<string> {
    const { url, server } = await this.serve(() => {});
    server.close();
    await once(server, 'close');
    return url;
  }

  transport(options: Partial<HttpPeerTransportOptions> = {}): HttpPeerTransport {
    const made = new HttpPeerTransport({
      maxConnectionsPerPeer: 10,
      compressMinBytes: 16_384,
      scheduler,
      ...options,
    });
    this.#closers.push(() => made.close());
    return made;
  }
}

function urlOf(address: AddressInfo | string | null): string {
  return `http://127.0.0.1:${(address as AddressInfo).port}`;
}
