import {
  keyOf,
  serviceKeyOf,
  type AliveRecord,
  type Change,
  type ChangeFeed,
  type ChangeListener,
  type ChangeReason,
  type PushGauges,
  type PushSettings,
  type ServerMessage,
  type Service,
  type Snapshots,
  type Visibility,
} from '@artemis/core';
import { anAliveRecord, VirtualTime } from '@artemis/core/testing';
import { fakeNode, type FakeNode, type Overrides } from '../state.fixture.js';
import type { Channel } from './channel.js';
import { PushHub } from './hub.js';
import type { Session } from './session.js';

/** A table with a change log, as a node has one. */
export class FakeTable implements ChangeFeed, Snapshots {
  logId = 'node1#run1';
  revision = 0;
  readonly #capacity: number;
  #log: Change[] = [];
  readonly #records = new Map<string, { record: AliveRecord; visibility: Visibility }>();
  readonly #revisions = new Map<string, number>();
  readonly #listeners = new Set<ChangeListener>();

  constructor(capacity = 1000) {
    this.#capacity = capacity;
  }

  /** Registers an instance, or shows it otherwise. */
  put(serviceId: string, id: string, more: { port?: number; visibility?: Visibility } = {}): Change {
    const { port = 80, visibility = 'listed' } = more;
    const record = anAliveRecord({ instance: { service_id: serviceId, instance_id: id, port } });
    const before = this.#records.get(record.key);
    const wasSeen = before !== undefined && before.visibility !== 'hidden';
    this.#records.set(record.key, { record, visibility });
    const type = visibility === 'hidden' ? (wasSeen ? 'delete' : undefined) : wasSeen ? 'change' : 'new';
    const reason = visibility === 'listed' ? 'registered' : visibility;
    return this.#append({ record, previous: before?.record, type, reason, visibility });
  }

  remove(serviceId: string, id: string): Change | undefined {
    const key = keyOf(anAliveRecord({ instance: { service_id: serviceId, instance_id: id } }).instance);
    const before = this.#records.get(key);
    if (before === undefined) return undefined;
    this.#records.delete(key);
    const { instanceKey, version, leaseTtlMs } = before.record;
    const record = {
      key,
      instanceKey,
      version,
      leaseTtlMs,
      state: 'removed',
      reason: 'unregistered',
    } as const;
    const type = before.visibility === 'hidden' ? undefined : 'delete';
    return this.#append({
      record,
      previous: before.record,
      type,
      reason: 'unregistered',
      visibility: undefined,
    });
  }

  /** A change that no watcher sees. */
  renew(): void {
    const record = anAliveRecord({ instance: { service_id: 'renewed' } });
    this.#append({ record, previous: record, type: undefined, reason: 'moved', visibility: 'listed' });
  }

  since(revision: number): readonly Change[] | undefined {
    const missed = this.revision - revision;
    if (missed < 0 || missed > this.#log.length) return undefined;
    return this.#log.slice(this.#log.length - missed);
  }

  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  service(serviceId: string): Service {
    const key = serviceKeyOf(serviceId);
    const instances = [...this.#records.values()]
      .filter(({ record, visibility }) => {
        return serviceKeyOf(record.instance.service_id) === key && visibility !== 'hidden';
      })
      .map(({ record, visibility }) => ({
        ...record.instance,
        ...(visibility === 'unconfirmed' && { unconfirmed: true }),
      }));
    return { service_id: instances[0]?.service_id ?? serviceId, instances };
  }

  revisionOf(serviceId: string): number | undefined {
    return this.#revisions.get(serviceKeyOf(serviceId));
  }

  serviceKeys(): Iterable<string> {
    return [...this.#revisions.keys()];
  }

  #append(
    change: Pick<Change, 'record' | 'previous' | 'type' | 'visibility'> & { reason: ChangeReason },
  ): Change {
    this.revision += 1;
    const { revision } = this;
    const whole: Change = { ...change, revision, origin: 'local', wallMs: 0, ageMs: 0, byClient: true };
    this.#log.push(whole);
    if (this.#log.length > this.#capacity) this.#log.shift();
    if (change.type !== undefined) {
      this.#revisions.set(serviceKeyOf(change.record.instanceKey.service_id), revision);
    }
    for (const listener of this.#listeners) listener(whole);
    return whole;
  }
}

/** A socket that takes as much as a test lets it. */
class FakeChannel implements Channel {
  readonly frames: Buffer[] = [];
  /** Frames that the network takes before the rest waits; default: all. */
  room = Infinity;
  closed = false;
  paused = false;
  takenBytes = 0;
  end: string | undefined;

  get congested(): boolean {
    return this.room <= 0;
  }

  send(frame: Buffer): void {
    if (this.closed) return;
    this.frames.push(frame);
    this.room -= 1;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  close(code: number, reason: string): void {
    this.closed = true;
    this.end = `${code} ${reason}`;
  }

  cut(): void {
    this.closed = true;
    this.end = 'cut';
  }

  /** Takes what was sent since the last time, without pings. */
  take(): ServerMessage[] {
    return this.frames
      .splice(0)
      .filter((frame) => frame[0] === 0x81)
      .map((frame) => JSON.parse(contentOf(frame)) as ServerMessage);
  }
}

export function contentOf(frame: Buffer): string {
  const length = frame[1] ?? 0;
  const start = length < 126 ? 2 : length === 126 ? 4 : 10;
  return frame.toString('utf8', start);
}

export interface Client {
  readonly session: Session;
  readonly channel: FakeChannel;
  say(message: object | string): void;
  /** What came since the last time, once everything has settled. */
  hear(): Promise<ServerMessage[]>;
}

/** A hub over a table that a test changes, on virtual time. */
export class PushStage {
  readonly time = new VirtualTime();
  readonly table: FakeTable;
  readonly node: FakeNode;
  readonly hub: PushHub;
  readonly counted: Record<string, number> = {};
  gauges: () => Partial<PushGauges> = () => ({});

  constructor(push: Partial<PushSettings> = {}, table = new FakeTable(), overrides: Overrides = {}) {
    this.table = table;
    this.node = fakeNode({ push, ...overrides });
    const count = (name: string, by = 1) => (this.counted[name] = (this.counted[name] ?? 0) + by);
    this.hub = new PushHub({
      ...this.node.state,
      changes: table,
      snapshots: table,
      time: this.time.clock,
      scheduler: this.time.scheduler,
      pushMetrics: {
        source: (read) => (this.gauges = read),
        sent: (type, messages) => count(`sent ${type}`, messages),
        received: (type) => count(`received ${type}`),
        encoded: (changes) => count('encoded', changes),
        reloaded: (watch) => count(`reloaded ${watch}`),
        ended: (reason) => count(`ended ${reason}`),
      },
    });
  }

  connect(): Client {
    const channel = new FakeChannel();
    const session = this.hub.open(channel, '192.0.2.7');
    return {
      session,
      channel,
      say: (message) => session.receive(typeof message === 'string' ? message : JSON.stringify(message)),
      hear: async () => {
        await this.time.settle();
        return channel.take();
      },
    };
  }

  /** The network takes what waits, and so many frames more. */
  drain({ channel, session }: Client, room = Infinity): void {
    channel.room = room;
    channel.takenBytes += 1;
    session.drained();
  }
}
