import type { Cancel } from '@artemis/core';
import { CollectedLogger, SeededRandom, VirtualTime } from '@artemis/core/testing';
import type { ArtemisClient } from './artemis-client.js';
import { createClient } from './client.js';
import type {
  ClientEnvironment,
  ClientSocket,
  FetchedResponse,
  FetchOptions,
  SocketListener,
} from './environment.js';
import type { FakeAnswer } from './fake-http.fixture.js';
import { FakeNode } from './fake-node.fixture.js';
import type { ClientOptions } from './options.js';

/** Nodes, clients and the time that they share. Every way takes a millisecond. */
export class FakeWorld {
  readonly time = new VirtualTime();
  readonly random = new SeededRandom(1);
  readonly nodes: readonly FakeNode[];
  readonly logger = new CollectedLogger();
  /** What was opened and asked, as it happened: `socket http://node1`. */
  readonly attempts: string[] = [];

  constructor(count = 3) {
    this.nodes = Array.from(
      { length: count },
      (_, index) =>
        new FakeNode(`http://node${index + 1}`, (delayMs, task) => this.time.scheduler.after(delayMs, task)),
    );
    for (const node of this.nodes) {
      node.listed = this.nodes.map(({ url }, index) => ({ url, zone: `zone${index + 1}` }));
      node.replicate = ({ put, remove }) => {
        for (const peer of this.nodes) {
          if (peer === node || peer.mode === 'down') continue;
          if (put !== undefined) peer.table.put(put);
          if (remove !== undefined) peer.table.remove(remove);
        }
      };
    }
  }

  node(number: number): FakeNode {
    const node = this.nodes[number - 1];
    if (node === undefined) throw new Error(`there is no node ${number}`);
    return node;
  }

  /** A client of node 1, which learns of the others, unless told otherwise. */
  client(options: Partial<ClientOptions> = {}): ArtemisClient {
    return createClient({
      urls: ['http://node1'],
      environment: this.environment,
      logger: this.logger,
      zone: 'zone1',
      region: 'local',
      ...options,
    });
  }

  readonly environment: ClientEnvironment = {
    clock: this.time.clock,
    scheduler: this.time.scheduler,
    random: this.random,
    fetch: (url, options) => this.#fetch(url, options),
    openSocket: (url, listener) => this.#open(url, listener),
  };

  #later(task: () => void): Cancel {
    return this.time.scheduler.after(1, task);
  }

  #find(url: string): FakeNode | undefined {
    return this.nodes.find((node) => url.startsWith(`${node.url}/`));
  }

  #fetch(url: string, { method, headers, body, signal }: FetchOptions): Promise<FetchedResponse> {
    const { pathname: path, searchParams: query } = new URL(url);
    return new Promise((resolve, reject) => {
      const refuse = (reason: string): void => reject(new TypeError(reason));
      signal.addEventListener('abort', () => refuse('aborted'));
      this.#later(() => {
        const node = this.#find(url);
        if (node === undefined || node.mode === 'down') return refuse('connect ECONNREFUSED');
        const request = {
          method,
          path,
          query,
          headers,
          body: body === undefined ? {} : (JSON.parse(body) as never),
        };
        node.serve(request, (answer) =>
          this.#later(() => {
            if (node.mode === 'down') refuse('reset');
            else resolve(responseOf(answer));
          }),
        );
      });
    });
  }

  #open(url: string, listener: SocketListener): ClientSocket {
    const node = this.#find(url.replace(/^ws/, 'http'));
    this.attempts.push(`socket ${node?.url ?? url}`);
    let isOver = false;
    const guarded: SocketListener = {
      opened: () => (isOver ? undefined : listener.opened()),
      message: (text) => this.#later(() => (isOver ? undefined : listener.message(text))),
      closed: (end) => {
        if (isOver) return;
        isOver = true;
        listener.closed(end);
      },
    };
    let session: ReturnType<FakeNode['accept']> | undefined;
    this.#later(() => {
      if (isOver) return;
      if (node === undefined || node.mode === 'down')
        return guarded.closed({ code: 1006, reason: 'refused' });
      if (node.mode === 'silent') return;
      if (node.mode === 'draining') {
        return guarded.closed({ code: 1006, reason: 'status 503', status: 503, retryAfterMs: 1000 });
      }
      if (!node.hasSockets) return guarded.closed({ code: 1006, reason: 'no upgrade' });
      session = node.accept(guarded);
      if (node.greeting !== undefined) listener.message(JSON.stringify(node.greeting));
    });
    return {
      send: (text) => {
        const current = session;
        this.#later(() => {
          if (current !== undefined && node !== undefined && node.sessions.has(current))
            node.hear(current, text);
        });
      },
      close: () => {
        if (session !== undefined) node?.sessions.delete(session);
        this.#later(() => guarded.closed({ code: 1000, reason: '' }));
      },
    };
  }
}

function responseOf({ status, body, headers = {} }: FakeAnswer): FetchedResponse {
  return {
    status,
    headers: { get: (name) => headers[name.toLowerCase()] ?? null },
    text: async () => (body === undefined ? '' : JSON.stringify(body)),
  };
}
