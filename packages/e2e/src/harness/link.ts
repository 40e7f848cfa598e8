import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { host } from './ports.js';
import type { Stage } from './stage.js';

interface Pair {
  readonly caller: Socket;
  readonly target: Socket;
  /** Something of it was lost: what follows makes no sense to who reads it. */
  torn: boolean;
}

type State = 'open' | 'held' | 'silent' | 'answerless' | 'cut';

/**
 * A way to a port. It can be held up (what is sent meanwhile arrives after the release), cut (open connections are
 * reset, and new ones too), made silent (connections open, and nothing passes in either direction), made to lose the
 * answers alone, and made slow.
 */
export class Link {
  readonly #pairs = new Set<Pair>();
  #state: State = 'open';
  #delayMs = 0;

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

  /** Requests arrive, and what is answered is lost. Connections that lost something are reset by the release. */
  loseAnswers(): void {
    this.#become('answerless');
  }

  /** Open connections and new ones are reset until the release. */
  cut(): void {
    this.#become('cut');
    this.#reset();
  }

  /** Everything takes so long from now on, in each direction; 0 to end it. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  release(): void {
    this.#become('open');
    this.#reset(({ torn }) => torn);
  }

  #become(state: State): void {
    this.#state = state;
    for (const pair of this.#pairs) this.#regulate(pair);
  }

  #regulate({ caller, target }: Pair): void {
    if (this.#state === 'open' || this.#state === 'answerless') caller.resume();
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
    const pair: Pair = { caller, target, torn: false };
    this.#pairs.add(pair);
    const there = this.#lane();
    const back = this.#lane();
    caller.on('data', (bytes) => there(() => target.write(bytes)));
    target.on('data', (bytes) => {
      if (this.#state === 'answerless') pair.torn = true;
      if (!pair.torn) back(() => caller.write(bytes));
    });
    caller.once('end', () => there(() => target.end()));
    target.once('end', () => back(() => caller.end()));
    this.#regulate(pair);
    const close = (): void => {
      this.#pairs.delete(pair);
      caller.destroy();
      target.destroy();
    };
    for (const socket of [caller, target]) socket.on('error', close).once('close', close);
  }

  /** Does one thing after the other, each when its time has come: at once while nothing is delayed. */
  #lane(): (act: () => void) => void {
    let waiting = 0;
    let last: Promise<void> = Promise.resolve();
    return (act) => {
      if (this.#delayMs === 0 && waiting === 0) {
        act();
        return;
      }
      const dueMs = performance.now() + this.#delayMs;
      waiting += 1;
      last = last.then(async () => {
        await sleep(Math.max(0, dueMs - performance.now()));
        waiting -= 1;
        act();
      });
    };
  }

  #reset(which: (pair: Pair) => boolean = () => true): void {
    for (const pair of [...this.#pairs].filter(which)) {
      pair.caller.resetAndDestroy();
      pair.target.destroy();
    }
  }
}
