/** Where a watch begins, or begins again: the last revision that the watcher has seen of this very log, if any. */
export type WatchStart = number | undefined;

/**
 * What a session watches.
 *
 *     subscribe ──► replay ──► live          replay: sent from the change log what the watcher missed
 *         │            ▼       ▲  │          snapshot: waits for its snapshot, and gets no changes meanwhile
 *         └────────► snapshot ─┘  │          live: gets every change when it comes
 *                      ▲──────────┘ too slow
 */
export abstract class Watch {
  state: 'replay' | 'snapshot' | 'live';
  /** The last revision that the watcher was sent, or said that it had seen. */
  revision: number;
  /** Changes that wait for it while its session is behind. */
  waiting = 0;
  /** Whether the watcher has been told where its replay begins, or all its snapshots are listed. */
  announced = false;
  /** Why the watcher has to be told that what it holds is out of date: it was too slow, or came back too late. */
  reload: 'slow' | 'late' | undefined;

  constructor(start: WatchStart) {
    this.state = start === undefined ? 'snapshot' : 'replay';
    this.revision = start ?? 0;
  }

  /** Whether a change of a service may be sent now; if not, what follows will hold it. */
  abstract takes(serviceKey: string): boolean;

  /** A change of a service cannot be sent now, and waits. */
  abstract wait(serviceKey: string, changes: number): void;

  /** Whether what is left out would be missing: no snapshot that is due will hold it. */
  abstract get follows(): boolean;

  /** Changes are left out: a snapshot must follow. */
  abandon(): void {
    this.state = 'snapshot';
    this.reload = 'slow';
    this.announced = false;
    this.waiting = 0;
  }
}

/** A watch of one service. */
export class ServiceWatch extends Watch {
  readonly key: string;
  /** As the watcher spells it. */
  readonly serviceId: string;

  constructor(key: string, serviceId: string, start: WatchStart) {
    super(start);
    this.key = key;
    this.serviceId = serviceId;
  }

  get follows(): boolean {
    return this.state === 'live';
  }

  takes(): boolean {
    return this.state === 'live';
  }

  wait(_serviceKey: string, changes: number): void {
    if (this.state === 'live') this.waiting += changes;
  }
}

/** A service whose snapshot is due. */
export interface DueService {
  readonly key: string;
  /** Whether the watcher may hold something of it, so that it must learn that nothing is left. */
  readonly maybeKnown: boolean;
}

/** A watch of all services. */
export class AllWatch extends Watch {
  /** Services whose snapshot is due, and whether the watcher may know them already. */
  #pending = new Map<string, boolean>();
  /** Since the snapshots began, those that are out. */
  #sent = new Set<string>();

  /** The log does not tell what was missed. Where nothing is shown, no snapshot would say that it is not resumed. */
  comesLate(): void {
    this.state = 'snapshot';
    this.reload = 'late';
  }

  /** Every service has to be sent, as to a watcher that knows none. */
  restart(serviceKeys: Iterable<string>): void {
    this.#pending = new Map();
    for (const key of serviceKeys) this.#pending.set(key, false);
    this.#sent = new Set();
  }

  get follows(): boolean {
    return this.state === 'live' || this.#sent.size > 0;
  }

  takePending(): DueService | undefined {
    for (const [key, maybeKnown] of this.#pending) {
      this.#pending.delete(key);
      this.#sent.add(key);
      return { key, maybeKnown };
    }
    return undefined;
  }

  /** All snapshots are out. */
  complete(): void {
    this.state = 'live';
    this.#sent = new Set();
  }

  takes(serviceKey: string): boolean {
    if (this.state !== 'snapshot') return this.state === 'live';
    if (this.#sent.has(serviceKey)) return true;
    // One that is not listed is new, or was sent long ago: its snapshot holds the change.
    if (!this.#pending.has(serviceKey)) this.sendAgain(serviceKey);
    return false;
  }

  /** A service that changes after its snapshot, but before all are out, is sent once more. */
  wait(serviceKey: string, changes: number): void {
    if (this.state === 'live') this.waiting += changes;
    else if (this.state === 'snapshot' && !this.#pending.has(serviceKey)) this.sendAgain(serviceKey);
  }

  /** The snapshot of a service is due, though it may have been sent. */
  sendAgain(serviceKey: string): void {
    this.#sent.delete(serviceKey);
    this.#pending.set(serviceKey, true);
    this.state = 'snapshot';
  }
}
