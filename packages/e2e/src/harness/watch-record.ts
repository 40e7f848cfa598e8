import { keyOf, type InstanceChange, type ServerMessage, type Service } from '@artemis/core';

type Shown = Service['instances'][number];
type Message<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>;

/** A place in the change log of one run of a node. */
export interface Position {
  readonly logId: string;
  readonly revision: number;
}

/** A stretch of a log of which a watcher must have seen every change of a service: after `from`, up to `to`. */
export interface Span {
  readonly service: string;
  readonly logId: string;
  readonly from: number;
  /** `undefined`: up to now, whatever that is. */
  to: number | undefined;
}

export interface SeenChange {
  readonly service: string;
  readonly logId: string;
  readonly change: InstanceChange;
}

interface WatchedService {
  readonly instances: Map<string, Shown>;
  position: Position | undefined;
  /** A snapshot is due, and nothing else. */
  isDue: boolean;
  span: Span | undefined;
}

/**
 * What a watcher has been told over all its connections: a view of each service, every change in its order, and what
 * was wrong about the way in which it was told.
 */
export class WatchRecord {
  readonly faults: string[] = [];
  readonly seen: SeenChange[] = [];
  readonly spans: Span[] = [];
  reloads = 0;
  /** Snapshots of a service so far. */
  snapshots = 0;
  /** Watches that went on where they stood. */
  resumed = 0;
  readonly #services = new Map<string, WatchedService>();
  #watchesAll = false;
  /** What the current session sent last, of whatever service. */
  #latest: Position | undefined;
  #positionOfAll: Position | undefined;
  /** Services of which a snapshot came since everything was asked for; `undefined` when nothing is due. */
  #fresh: Set<string> | undefined;

  get services(): string[] {
    return [...this.#services.keys()];
  }

  get positionOfAll(): Position | undefined {
    return this.#positionOfAll;
  }

  positionOf(service: string): Position | undefined {
    return this.#services.get(service.toLowerCase())?.position;
  }

  /** Instances of a service by their keys. */
  viewOf(service: string): ReadonlyMap<string, Shown> {
    return this.#services.get(service.toLowerCase())?.instances ?? new Map<string, Shown>();
  }

  /** Whether all that was asked for has been answered. */
  get isSettled(): boolean {
    return this.#fresh === undefined && [...this.#services.values()].every(({ isDue }) => !isDue);
  }

  /** A connection begins, which shares nothing with the one before but the positions. */
  connected(): void {
    this.#latest = undefined;
    this.#watchesAll = false;
  }

  asks(service: string): void {
    this.#service(service).isDue = true;
  }

  asksForAll(): void {
    this.#watchesAll = true;
    this.#fresh = new Set();
  }

  take(message: ServerMessage): void {
    switch (message.type) {
      case 'subscribed':
        this.#subscribed(message);
        break;
      case 'subscribed_all':
        this.#subscribedAll(message);
        break;
      case 'service_change':
        this.#changed(message);
        break;
      case 'reload':
        this.#reload(message);
        break;
      case 'unsubscribed':
        this.#forget(message.service_id);
        break;
      case 'error':
        this.faults.push(`error: ${message.message}`);
        break;
      case 'unsubscribed_all':
      case 'result':
      case 'pong':
      case 'goodbye':
        break;
    }
  }

  #subscribed({ service_id: id, service, revision, log_id: logId }: Message<'subscribed'>): void {
    const watched = this.#service(id);
    if (!watched.isDue && !this.#watchesAll) this.faults.push(`a snapshot of ${id} that nobody asked for`);
    watched.isDue = false;
    if (service === undefined) {
      this.resumed += 1;
      if (watched.position?.logId !== logId)
        this.faults.push(`${id} goes on in a log that was not asked for`);
      return;
    }
    const { position } = watched;
    if (position?.logId === logId && revision < position.revision)
      this.faults.push(`a snapshot of ${id} at ${revision}, told at ${position.revision} before`);
    this.snapshots += 1;
    this.#fresh?.add(id.toLowerCase());
    this.#begin(id, watched, { logId, revision });
    watched.instances.clear();
    for (const instance of service.instances) {
      const key = keyOf(instance);
      if (watched.instances.has(key)) this.faults.push(`the snapshot of ${id} lists twice: ${key}`);
      watched.instances.set(key, instance);
    }
  }

  #subscribedAll({ revision, log_id: logId }: Message<'subscribed_all'>): void {
    if (this.#fresh === undefined) this.faults.push('subscribed to all, which nobody asked for');
    const goesOn = this.#fresh?.size === 0 && this.#positionOfAll?.logId === logId;
    if (goesOn) this.resumed += 1;
    else {
      // What no snapshot was sent of is not there.
      for (const [service, watched] of this.#services) {
        if (this.#fresh?.has(service) === true) continue;
        watched.instances.clear();
        this.#begin(service, watched, { logId, revision });
      }
      this.#positionOfAll = { logId, revision };
    }
    this.#fresh = undefined;
  }

  #changed({ service_id: id, revision, log_id: logId, changes }: Message<'service_change'>): void {
    const watched = this.#watchedForChange(id, changes[0]?.revision ?? revision, logId);
    if (watched === undefined) {
      this.faults.push(`a change of ${id} at ${revision}, which is not subscribed`);
      return;
    }
    if (watched.isDue) this.faults.push(`a change of ${id} at ${revision} before its snapshot`);
    if (changes.at(-1)?.revision !== revision)
      this.faults.push(`a message of revision ${revision} ends with ${changes.at(-1)?.revision}`);
    for (const change of changes) this.#apply(id, watched, logId, change);
  }

  #apply(id: string, watched: WatchedService, logId: string, change: InstanceChange): void {
    const { revision, change_type: type, instance } = change;
    const service = id.toLowerCase();
    const before = watched.position;
    if (before?.logId !== logId) this.faults.push(`${id} at ${revision} of ${logId}, not ${before?.logId}`);
    else if (revision <= before.revision)
      this.faults.push(`${id} at ${revision}, told at ${before.revision} before`);
    // Who watches everything resumes from the latest revision, so that none may be left behind.
    if (this.#watchesAll && this.#latest?.logId === logId && revision <= this.#latest.revision)
      this.faults.push(`revision ${revision} of ${id} after ${this.#latest.revision}`);
    this.#latest = { logId, revision };
    watched.position = { logId, revision };
    if (this.#watchesAll && this.#fresh === undefined) this.#positionOfAll = { logId, revision };
    this.#fresh?.add(service);
    this.seen.push({ service, logId, change });
    if (instance.service_id.toLowerCase() !== service)
      this.faults.push(`an instance of ${instance.service_id} among those of ${id}`);
    const key = keyOf(instance);
    const isKnown = watched.instances.has(key);
    if (type === 'reload' || isKnown === (type === 'new'))
      this.faults.push(`${type} at ${revision} of ${isKnown ? 'a known' : 'an unknown'} ${key}`);
    if (type === 'delete') watched.instances.delete(key);
    else watched.instances.set(key, instance);
  }

  #reload({ service_id: id, log_id: logId }: Message<'reload'>): void {
    this.reloads += 1;
    const concerned = id === undefined ? this.services : [id];
    for (const service of concerned) {
      const watched = this.#service(service);
      if (watched.position?.logId !== logId) this.faults.push(`a reload of ${service} in the log ${logId}`);
      this.#end(watched);
      if (id !== undefined) watched.isDue = true;
    }
    if (id === undefined) this.#fresh = new Set();
  }

  /** What is changed, `undefined` when nobody asked for it. A watcher of everything meets services that are new. */
  #watchedForChange(id: string, revision: number, logId: string): WatchedService | undefined {
    const known = this.#services.get(id.toLowerCase());
    if (known !== undefined || !this.#watchesAll) return known;
    const watched = this.#service(id);
    const all = this.#positionOfAll;
    const from = this.#fresh === undefined && all?.logId === logId ? all.revision : revision - 1;
    this.#begin(id, watched, { logId, revision: Math.min(from, revision - 1) });
    return watched;
  }

  #begin(id: string, watched: WatchedService, position: Position): void {
    this.#end(watched);
    watched.position = position;
    const { logId, revision } = position;
    watched.span = { service: id.toLowerCase(), logId, from: revision, to: undefined };
    this.spans.push(watched.span);
  }

  #end(watched: WatchedService): void {
    if (watched.span !== undefined && watched.position !== undefined)
      watched.span.to = watched.position.revision;
    watched.span = undefined;
  }

  #service(id: string): WatchedService {
    const service = id.toLowerCase();
    const known = this.#services.get(service);
    if (known !== undefined) return known;
    const watched: WatchedService = {
      instances: new Map(),
      position: undefined,
      isDue: false,
      span: undefined,
    };
    this.#services.set(service, watched);
    return watched;
  }

  #forget(id: string): void {
    const watched = this.#services.get(id.toLowerCase());
    if (watched !== undefined) this.#end(watched);
    this.#services.delete(id.toLowerCase());
  }
}
