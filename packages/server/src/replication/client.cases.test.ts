import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, it } from '@jest/globals';
import { transportCases } from '@artemis/core/testing';
import type { PeerBehaviour, ReceivedRequest, TransportHarness } from '@artemis/core/testing';
import { HttpPeers, scheduler } from './http-peers.fixture.js';

const maxAnswerBytes = 100_000;

/** A peer that does as it is told, and its port, on which it listens or not. */
class ToldPeer {
  readonly seen: ReceivedRequest[] = [];
  readonly #server = createServer((request, response) => void this.#take(request, response));
  #port = 0;
  #behaviour: PeerBehaviour = { kind: 'refuse' };

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async listen(): Promise<void> {
    if (this.#server.listening) return;
    await once(this.#server.listen(this.#port, '127.0.0.1'), 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async behave(behaviour: PeerBehaviour): Promise<void> {
    this.#behaviour = behaviour;
    await (behaviour.kind === 'refuse' ? this.close() : this.listen());
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const sent = Buffer.concat(chunks);
    const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    const body: unknown = plain.length === 0 ? undefined : JSON.parse(plain.toString());
    const received = { method, path, headers, ...(body === undefined ? {} : { body }) };
    this.seen.push(received);
    // Else the next call might find the connection that a change of behaviour has just ended.
    response.shouldKeepAlive = false;
    this.#answer(response, received);
  }

  #answer(response: ServerResponse, received: ReceivedRequest): void {
    const behaviour = this.#behaviour;
    if (behaviour.kind === 'echo') {
      response.setHeader('content-type', 'application/json');
      scheduler.after(behaviour.delayMs ?? 0, () => response.end(JSON.stringify(received)));
    } else if (behaviour.kind === 'answer') {
      response.writeHead(behaviour.status, behaviour.headers).end(behaviour.text);
    } else if (behaviour.kind === 'reset') {
      response.socket?.resetAndDestroy();
    }
  }
}

const peers = new HttpPeers();
const told: ToldPeer[] = [];

async function real(): Promise<TransportHarness> {
  const peer = new ToldPeer();
  told.push(peer);
  await peer.listen();
  return {
    transport: peers.transport({ maxAnswerBytes }),
    peerUrl: peer.url,
    maxAnswerBytes,
    setBehaviour: (behaviour) => peer.behave(behaviour),
    requests: () => peer.seen,
    settle: (call) => call,
  };
}

afterEach(async () => {
  peers.close();
  for (const peer of told.splice(0)) await peer.close();
});

describe('the transport over HTTP', () => {
  it.each(transportCases.map((one) => [one.name, one] as const))('%s', async (_name, { run }) => {
    await run(await real());
  });
});
