import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  transportCases,
  type PeerBehaviour,
  type ReceivedRequest,
  type TransportHarness,
} from '@artemis/core/testing';
import { afterEach, describe, it } from '@jest/globals';
import { HttpPeerTransport } from './client.js';
import { scheduler } from './http-peers.fixture.js';

const maxAnswerBytes = 100_000;

/** A peer on a port of this machine that behaves as it is told. */
class ToldPeer {
  readonly requests: ReceivedRequest[] = [];
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response));
  #behaviour: PeerBehaviour = { kind: 'hang' };
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async behave(behaviour: PeerBehaviour): Promise<void> {
    this.#behaviour = behaviour;
    if (behaviour.kind === 'refuse') await this.close();
    else if (!this.#server.listening) await this.listen();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const behaviour = this.#behaviour;
    const received = await receivedOf(request);
    this.requests.push(received);
    switch (behaviour.kind) {
      case 'echo': {
        const answer = () =>
          response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(received));
        scheduler.after(behaviour.delayMs ?? 0, answer);
        return;
      }
      case 'answer':
        response.writeHead(behaviour.status, { ...behaviour.headers }).end(behaviour.text);
        return;
      case 'reset':
        request.socket.resetAndDestroy();
        return;
      case 'hang':
      case 'refuse':
        return;
    }
  }
}

async function receivedOf(request: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const { method = '', url = '', headers } = request;
  return { method, path: url, headers, ...(text === '' ? {} : { body: JSON.parse(text) as unknown }) };
}

describe('the transport over HTTP, held to what every transport does', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  async function overHttp(): Promise<TransportHarness> {
    const peer = new ToldPeer();
    await peer.listen();
    const transport = new HttpPeerTransport({
      maxConnectionsPerPeer: 10,
      compressMinBytes: 1_000_000,
      scheduler,
      maxAnswerBytes,
    });
    closers.push(
      () => transport.close(),
      () => peer.close(),
    );
    return {
      transport,
      peerUrl: peer.url,
      maxAnswerBytes,
      setBehaviour: (behaviour) => peer.behave(behaviour),
      requests: () => peer.requests,
      settle: (promise) => promise,
    };
  }

  it.each(transportCases.map((one) => [one.name, one] as const))('%s', async (_name, { run }) =>
    run(await overHttp()),
  );
});
