import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { host } from './ports.js';
import type { Stage } from './stage.js';

/** A way to a port that can be held up: what is sent meanwhile arrives after the release. */
export class Link {
  readonly #callers = new Set<Socket>();
  #held = false;

  private constructor(readonly port: number) {}

  static async start(stage: Stage, target: number): Promise<Link> {
    const server = createServer().listen({ host, port: 0 });
    await once(server, 'listening');
    const link = new Link((server.address() as AddressInfo).port);
    server.on('connection', (caller) => link.#join(caller, connect({ host, port: target })));
    stage.defer(() => {
      server.close();
      for (const caller of link.#callers) caller.destroy();
    });
    return link;
  }

  get address(): string {
    return `${host}:${this.port}`;
  }

  /** Nothing passes towards the target until the release. */
  hold(): void {
    this.#held = true;
    for (const caller of this.#callers) caller.pause();
  }

  release(): void {
    this.#held = false;
    for (const caller of this.#callers) caller.resume();
  }

  #join(caller: Socket, target: Socket): void {
    this.#callers.add(caller);
    caller.on('data', (bytes) => target.write(bytes));
    caller.once('end', () => target.end());
    target.pipe(caller);
    if (this.#held) caller.pause();
    const close = (): void => {
      this.#callers.delete(caller);
      caller.destroy();
      target.destroy();
    };
    for (const socket of [caller, target]) socket.on('error', close).once('close', close);
  }
}
