import { setTimeout as sleep } from 'node:timers/promises';
import { apiRoutes, keyOf, type Service } from '@artemis/core';
import { eventually } from './eventually.js';
import { MessageReader, PushSocket, UpgradeRefused, type Closing } from './push-socket.js';
import type { Stage } from './stage.js';
import { WatchRecord, type Position } from './watch-record.js';

const settledMs = 30_000;
const retryMs = 50;

/** What discovery shows, and how to ask for it. */
interface Registry {
  readonly http: {
    ask(method: string, path: string, question: { json: unknown }): Promise<{ status: number; text: string }>;
  };
}

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

  /** What is wrong with its view of a service, compared with what a node answers now; `[]` when nothing is. */
  async viewDiffersFrom(registry: Registry, service: string): Promise<string[]> {
    const listed = new Map((await shownBy(registry, service)).map((one) => [keyOf(one), one]));
    const view = this.record.viewOf(service);
    const keys = new Set([...listed.keys(), ...view.keys()]);
    return [...keys].flatMap((key) => {
      const [seen, there] = [plain(view.get(key)), plain(listed.get(key))];
      return seen === there ? [] : [`${key}: the watcher has ${seen}, the registry ${there}`];
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

/** Everything that discovery shows of a service, whatever its status. */
async function shownBy({ http }: Registry, service: string): Promise<Service['instances']> {
  const json = { discovery_config: { service_id: service, discovery_data: { status: 'any' } } };
  const { text } = await http.ask('POST', `${apiRoutes.service.path}.json`, { json });
  return apiRoutes.service.response.parse(JSON.parse(text)).service?.instances ?? [];
}

/** The same text for the same instance; an absent field and an explicit `null` are the same. */
function plain(instance: object | undefined): string {
  if (instance === undefined) return 'nothing';
  const fields = Object.entries(instance).filter(([, value]) => value !== null);
  return JSON.stringify(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}
