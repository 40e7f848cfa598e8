import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { host } from './ports.js';
import type { Stage } from './stage.js';

interface Pair {
  readonly caller: Socket;
  readonly target: Socket;
}

/**
 * A way to a port. It can be held up (what is sent meanwhile arrives after the release), cut (open connections are
 * reset, and new ones too), or made silent (connections open, and nothing passes in either direction).
 */
export class Link {
  readonly #pairs = new Set<Pair>();
  #state: 'open' | 'held' | 'silent' | 'cut' = 'open';

  private constructor(readonly port: number) {}

  static async start(stage: Stage, target: number): Promise<Link> {
    const server = createServer().listen({ host, port: 0 });
    await once(server, 'listening');
    const link = new Link((server.address() as AddressInfo).port);
    server.on('connection', (caller) => link.#join(caller, target));
    stage.defer(() => {
      server.close();
      link.#reset();
    });
    return link;
  }

  get address(): string {
    return `${host}:${this.port}`;
  }

  /** Nothing passes towards the target until the release. */
  hold(): void {
    this.#become('held');
  }

  /** Nothing passes in either direction until the release; nobody is told. */
  silence(): void {
    this.#become('silent');
  }

  /** Open connections and new ones are reset until the release. */
  cut(): void {
    this.#become('cut');
    this.#reset();
  }

  release(): void {
    this.#become('open');
  }

  #become(state: 'open' | 'held' | 'silent' | 'cut'): void {
    this.#state = state;
    for (const pair of this.#pairs) this.#regulate(pair);
  }

  #regulate({ caller, target }: Pair): void {
    if (this.#state === 'open') caller.resume();
    else caller.pause();
    if (this.#state === 'silent') target.pause();
    else target.resume();
  }

  #join(caller: Socket, port: number): void {
    if (this.#state === 'cut') {
      caller.resetAndDestroy();
      return;
    }
    const target = connect({ host, port });
    const pair = { caller, target };
    this.#pairs.add(pair);
    caller.on('data', (bytes) => target.write(bytes));
    target.on('data', (bytes) => caller.write(bytes));
    caller.once('end', () => target.end());
    target.once('end', () => caller.end());
    this.#regulate(pair);
    const close = (): void => {
      this.#pairs.delete(pair);
      caller.destroy();
      target.destroy();
    };
    for (const socket of [caller, target]) socket.on('error', close).once('close', close);
  }

  #reset(): void {
    for (const { caller, target } of [...this.#pairs]) {
      caller.resetAndDestroy();
      target.destroy();
    }
  }
}
