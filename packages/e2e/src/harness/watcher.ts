import { setTimeout as sleep } from 'node:timers/promises';
import { keyOf, type Service } from '@artemis/core';
import { eventually } from './eventually.js';
import { MessageReader, PushSocket, UpgradeRefused, type Closing } from './push-socket.js';
import type { Stage } from './stage.js';
import { WatchRecord, type Position } from './watch-record.js';

const settledMs = 30_000;
const retryMs = 50;

interface WatcherOptions {
  /** Of the nodes, as for HTTP: the first one is used until it is lost. */
  readonly urls: readonly string[];
  readonly services?: readonly string[];
  /** Every change of every service. */
  readonly all?: boolean;
  readonly reader?: MessageReader;
}

/** A client that watches, goes on from where it stood, and writes everything down. */
export class Watcher {
  readonly record = new WatchRecord();
  /** How its connections ended. */
  readonly endings: Closing[] = [];
  readonly goodbyes: string[] = [];
  readonly #options: WatcherOptions;
  readonly #reader: MessageReader;
  #socket: PushSocket | undefined;
  #turn = 0;
  #following: Promise<void> | undefined;
  #isStopped = false;

  constructor(stage: Stage, options: WatcherOptions) {
    this.#options = options;
    this.#reader = options.reader ?? new MessageReader();
    stage.defer(() => this.stop());
  }

  /** A watcher that is connected and knows all that it asked for. */
  static async start(stage: Stage, options: WatcherOptions): Promise<Watcher> {
    const watcher = new Watcher(stage, options);
    await watcher.connect();
    await watcher.settled();
    return watcher;
  }

  /** Whether it is told what becomes of a service. */
  watches(service: string): boolean {
    const { services = [], all = false } = this.#options;
    return all || services.includes(service);
  }

  get socket(): PushSocket {
    if (this.#socket === undefined) throw new Error('the watcher is not connected');
    return this.#socket;
  }

  /** Connects once, and asks to go on where it stood. */
  async connect(): Promise<void> {
    const { urls, services = [], all = false } = this.#options;
    const url = urls[this.#turn % urls.length] ?? '';
    const socket = await PushSocket.open(url, { reader: this.#reader });
    if (this.#isStopped) {
      socket.cut();
      return;
    }
    this.#socket = socket;
    this.record.connected();
    socket.onMessage = (message) => {
      if (message.type === 'goodbye') this.goodbyes.push(message.reason);
      this.record.take(message);
    };
    if (all) {
      socket.send({ type: 'subscribe_all', ...sinceOf(this.record.positionOfAll) });
      this.record.asksForAll();
    }
    for (const service of services) {
      const since = sinceOf(this.record.positionOf(service));
      socket.send({ type: 'subscribe', service_id: service, ...since });
      this.record.asks(service);
    }
    void socket.closed.then((closing) => {
      this.endings.push(closing);
      this.record.faults.push(...socket.faults);
    });
  }

  /** Connects again whenever the connection is lost, to the next of its nodes, until it is stopped. */
  follow(): void {
    this.#following ??= this.#follow();
  }

  /** Resolves when every snapshot that is due has come. */
  async settled(): Promise<void> {
    await eventually(() => this.record.isSettled, { within: settledMs, every: 5 });
  }

  /** Ends the connection without a word, and takes in nothing that still comes. */
  async disconnect(): Promise<void> {
    const { socket } = this;
    socket.onMessage = () => undefined;
    socket.cut();
    await socket.closed;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#socket?.cut();
    await this.#following;
  }

  /** How its view of a service differs from what a node shows of it; `[]` when it does not. */
  differencesFrom(service: string, shown: Service['instances']): string[] {
    const there = new Map(shown.map((one) => [keyOf(one), one]));
    const view = this.record.viewOf(service);
    return [...new Set([...there.keys(), ...view.keys()])].flatMap((key) => {
      const [mine, theirs] = [plain(view.get(key)), plain(there.get(key))];
      return mine === theirs ? [] : [`${key}: the watcher has ${mine}, the registry ${theirs}`];
    });
  }

  async #follow(): Promise<void> {
    while (!this.#isStopped) {
      if (this.#socket !== undefined) await this.#socket.closed;
      if (this.#isStopped) return;
      this.#turn += 1;
      try {
        await this.connect();
      } catch (error) {
        if (error instanceof UpgradeRefused && error.status !== 503) throw error;
        await sleep(retryMs);
      }
    }
  }
}

function sinceOf(position: Position | undefined): object {
  return position === undefined ? {} : { since_revision: position.revision, log_id: position.logId };
}

/** The same text for the same instance; an absent field and an explicit `null` are the same. */
function plain(instance: object | undefined): string {
  if (instance === undefined) return 'nothing';
  const fields = Object.entries(instance).filter(([, value]) => value !== null);
  return JSON.stringify(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}
