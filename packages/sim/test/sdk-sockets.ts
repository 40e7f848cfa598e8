import type { ClientSocket, SocketEnd, SocketListener } from '@artemis/client';
import type { SeededRandom, SimNetwork, VirtualTime } from '@artemis/core/testing';
import type { Channel } from '../../web/src/push/channel.js';
import { PushHub } from '../../web/src/push/hub.js';
import type { Session } from '../../web/src/push/session.js';
import type { SimNode } from '../src/sim-node.js';

/** One way, ms. */
const delayMs: readonly [number, number] = [1, 5];
/** What a cut holds up is sent again so often, and given up with the connection after so long. */
const retryMs = 200;
const patienceMs = 10_000;
const reset: SocketEnd = { code: 1006, reason: 'reset' };

interface SocketWorld {
  readonly time: VirtualTime;
  readonly network: SimNetwork;
  readonly random: SeededRandom;
  readonly nodes: readonly SimNode[];
}

/** Sockets over the simulated network, and behind them the push of each node, of its present run. */
export class SimSockets {
  readonly #world: SocketWorld;
  readonly #hubs = new WeakMap<SimNode['node'], PushHub>();
  /** Connections that a node took. */
  opened = 0;

  constructor(world: SocketWorld) {
    this.#world = world;
  }

  /** @param from the client's place in the network */
  open(from: string, url: string, listener: SocketListener): ClientSocket {
    const address = new URL(url.replace(/^ws/, 'http')).origin;
    const node = this.#world.nodes.find((one) => one.url === address);
    if (node === undefined) throw new Error(`there is no node at ${url}`);
    return new SimSocket(from, node, listener, this.#world, (channel) => {
      this.opened += 1;
      return this.#hubOf(node).open(channel, from);
    });
  }

  #hubOf({ node }: SimNode): PushHub {
    const known = this.#hubs.get(node);
    if (known !== undefined) return known;
    const { state } = node;
    const hub = new PushHub(state);
    this.#hubs.set(node, hub);
    // As the server of push does.
    state.health.onDrain(() => {
      hub.flush();
      for (const session of [...hub.sessions]) session.leave();
    });
    state.scheduler.every(state.push.pingIntervalMs, () => {
      for (const session of [...hub.sessions]) session.check();
    });
    return hub;
  }
}

/** One connection. Nothing is lost or overtaken on it while it lasts; a cut holds it up, and a long one ends it. */
class SimSocket implements ClientSocket {
  readonly #listener: SocketListener;
  readonly #node: SimNode;
  readonly #world: SocketWorld;
  readonly #there: Lane;
  readonly #back: Lane;
  #session: Session | undefined;
  #isOver = false;

  constructor(
    from: string,
    node: SimNode,
    listener: SocketListener,
    world: SocketWorld,
    take: (channel: Channel) => Session,
  ) {
    this.#listener = listener;
    this.#node = node;
    this.#world = world;
    const { network } = world;
    // What is not acknowledged does not arrive either, so that a cut of one direction holds up both.
    const isCut = (): boolean => network.isCut(from, node.url) || network.isCut(node.url, from);
    const broken = (): void => this.#break();
    this.#there = new Lane(world, isCut, broken);
    this.#back = new Lane(world, isCut, broken);
    this.#there.carry(() => this.#arrive(take));
  }

  send(text: string): void {
    this.#there.carry(() => this.#atNode((session) => session.receive(text)));
  }

  close(): void {
    this.#there.carry(() => this.#atNode((session) => session.end('closed')));
    this.#world.time.scheduler.soon(() => this.#end({ code: 1000, reason: 'closed here' }));
  }

  #arrive(take: (channel: Channel) => Session): void {
    const { process } = this.#node.runtime;
    if (this.#node.state === 'down') {
      this.#back.carry(() => this.#end(reset));
      return;
    }
    process.onKill(() => this.#back.carry(() => this.#end(reset)));
    process.message(() => {
      if (this.#isOver) return;
      if (!this.#node.ready) {
        const refused = { code: 1006, reason: 'status 503', status: 503, retryAfterMs: 1000 };
        this.#back.carry(() => this.#end(refused));
        return;
      }
      this.#session = take(this.#channel());
      this.#back.carry(() => this.#say(() => this.#listener.opened()));
    });
  }

  /** The socket as the node has it. */
  #channel(): Channel {
    let takenBytes = 0;
    let closed = false;
    const end = (how: SocketEnd): void => {
      closed = true;
      this.#back.carry(() => this.#end(how));
    };
    return {
      congested: false,
      get closed() {
        return closed;
      },
      get takenBytes() {
        return takenBytes;
      },
      send: (frame) => {
        if (closed) return;
        takenBytes += frame.length;
        const text = textIn(frame);
        this.#back.carry(() => {
          if (text === undefined) this.#there.carry(() => this.#atNode((session) => session.heard()));
          else this.#say(() => this.#listener.message(text));
        });
      },
      pause: () => this.#there.pause(true),
      resume: () => this.#there.pause(false),
      close: (code, reason) => end({ code, reason }),
      cut: () => end(reset),
    };
  }

  /** By the process of the node: one that stands still does so later, one that was killed never. */
  #atNode(act: (session: Session) => void): void {
    this.#node.runtime.process.message(() => {
      if (this.#session !== undefined) act(this.#session);
    });
  }

  #say(tell: () => void): void {
    if (!this.#isOver) tell();
  }

  /** Neither side hears of the other any more. */
  #break(): void {
    this.#end(reset);
    this.#atNode((session) => session.end('broken'));
  }

  #end(how: SocketEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.closed(how);
  }
}

/** One direction: what is sent arrives in that order. */
class Lane {
  readonly #world: SocketWorld;
  readonly #isCut: () => boolean;
  readonly #broken: () => void;
  readonly #waiting: (() => void)[] = [];
  #isMoving = false;
  #isPaused = false;
  #heldMs = 0;

  constructor(world: SocketWorld, isCut: () => boolean, broken: () => void) {
    this.#world = world;
    this.#isCut = isCut;
    this.#broken = broken;
  }

  carry(arrive: () => void): void {
    this.#waiting.push(arrive);
    this.#move(this.#world.random.between(...delayMs));
  }

  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#move(0);
  }

  #move(inMs: number): void {
    if (this.#isMoving || this.#isPaused || this.#waiting.length === 0) return;
    this.#isMoving = true;
    this.#world.time.scheduler.after(inMs, () => {
      this.#isMoving = false;
      if (this.#isCut()) {
        this.#wait();
        return;
      }
      this.#heldMs = 0;
      // What was sent meanwhile is right behind.
      for (const arrive of this.#waiting.splice(0)) arrive();
    });
  }

  #wait(): void {
    this.#heldMs += retryMs;
    if (this.#heldMs < patienceMs) {
      this.#move(retryMs);
      return;
    }
    this.#waiting.length = 0;
    this.#broken();
  }
}

/** Of a frame as nodes send them; `undefined` for a ping. */
function textIn(frame: Buffer): string | undefined {
  if (frame[0] !== 0x81) return undefined;
  const length = frame[1] ?? 0;
  return frame.toString('utf8', length < 126 ? 2 : length === 126 ? 4 : 10);
}
