import type { AppState, Cancel, PushGauges } from '@artemis/core';
import { ChangeTexts, runsOf, type ChangeRun } from './change-texts.js';
import type { Channel } from './channel.js';
import { ChangeFrame, FrameLog } from './frame-log.js';
import { serviceChangeText } from './server-texts.js';
import { Session } from './session.js';
import type { BehindSession, SessionHost } from './session-host.js';
import { SnapshotTexts } from './snapshot-texts.js';

type HubState = Pick<
  AppState,
  | 'registry'
  | 'snapshots'
  | 'changes'
  | 'clock'
  | 'health'
  | 'limiter'
  | 'push'
  | 'pushMetrics'
  | 'time'
  | 'scheduler'
  | 'random'
  | 'logger'
>;

/**
 * Brings the changes of a node to its sessions. A change is noted when it is made, and sent once the turn is over: what
 * one turn did to one service is one message, encoded once, whoever gets it.
 */
export class PushHub {
  readonly #state: HubState;
  readonly #texts = new ChangeTexts();
  readonly #snapshots: SnapshotTexts;
  readonly #frames = new FrameLog();
  readonly #host: SessionHost;
  readonly #sessions = new Set<Session>();
  readonly #byService = new Map<string, Set<Session>>();
  readonly #watchersOfAll = new Set<Session>();
  readonly #behind = new Set<BehindSession>();
  /** Messages by their type that have not been counted yet. */
  #sent = new Map<string, number>();
  readonly #unsubscribe: () => void;
  #subscriptions = 0;
  #revision: number;
  #flushing: Cancel | undefined;

  constructor(state: HubState) {
    this.#state = state;
    this.#snapshots = new SnapshotTexts(state.snapshots);
    this.#revision = state.changes.revision;
    this.#host = this.#createHost();
    this.#unsubscribe = state.changes.subscribe(({ type }) => {
      if (this.#isWatched && type !== undefined) this.#flushing ??= state.scheduler.soon(() => this.flush());
      // What nobody sees needs no sending: thousands of such changes must not push others out of the log.
      if (this.#flushing === undefined) this.#revision = state.changes.revision;
    });
    state.pushMetrics.source(() => this.#gauges());
  }

  get sessions(): ReadonlySet<Session> {
    return this.#sessions;
  }

  get #isWatched(): boolean {
    return this.#byService.size > 0 || this.#watchersOfAll.size > 0;
  }

  /** @param address of the client, for the rate limit */
  open(channel: Channel, address: string): Session {
    const session = new Session({
      ...this.#state,
      host: this.#host,
      channel,
      address,
      watchers: {
        named: (key, watched) => this.#named(session, key, watched),
        all: (watched) => {
          if (watched) this.#watchersOfAll.add(session);
          else this.#watchersOfAll.delete(session);
        },
      },
      ended: () => this.#sessions.delete(session),
    });
    this.#sessions.add(session);
    return session;
  }

  /** Follows the changes no more. */
  stop(): void {
    this.#flushing?.();
    this.#unsubscribe();
  }

  /** Sends what has changed since the last time. */
  flush(): void {
    this.#flushing?.();
    this.#flushing = undefined;
    const { changes } = this.#state;
    const from = this.#revision;
    if (from === changes.revision) return;
    this.#revision = changes.revision;
    if (!this.#isWatched) return;
    const made = changes.since(from);
    if (made === undefined) this.#loseAll();
    else for (const run of runsOf(made)) this.#sendRun(this.#frameOf(run));
    if (this.#behind.size === 0) this.#frames.clear();
    else this.#frames.trim();
  }

  #sendRun(frame: ChangeFrame): void {
    const named = this.#byService.get(frame.key);
    if (named === undefined && this.#watchersOfAll.size === 0) return;
    this.#frames.push(frame);
    if (named !== undefined) for (const session of named) session.watches.offer(frame);
    for (const session of this.#watchersOfAll) {
      if (named?.has(session) !== true) session.watches.offer(frame);
    }
    this.#countSent();
  }

  /** More changes than the log holds: nobody can be told them one by one. */
  #loseAll(): void {
    this.#state.logger.warn('More changes at once than watchers can be told: they get snapshots');
    for (const session of this.#sessions) session.watches.abandonAll();
  }

  #frameOf(run: ChangeRun): ChangeFrame {
    const { changes, pushMetrics } = this.#state;
    // By the time that a slow session is sent it, the node may count under another id.
    const { logId } = changes;
    return new ChangeFrame(run, () => {
      pushMetrics.encoded(run.changes.length);
      return serviceChangeText(run, logId, this.#texts);
    });
  }

  #named(session: Session, key: string, watched: boolean): void {
    const known = this.#byService.get(key);
    if (watched) {
      if (known?.has(session) === true) return;
      this.#subscriptions += 1;
      if (known === undefined) this.#byService.set(key, new Set([session]));
      else known.add(session);
    } else if (known?.delete(session) === true) {
      this.#subscriptions -= 1;
      if (known.size === 0) this.#byService.delete(key);
    }
  }

  #createHost(): SessionHost {
    const { changes, snapshots, push, pushMetrics, scheduler } = this.#state;
    return {
      changes,
      snapshots,
      frames: this.#frames,
      queueLimit: push.queueLimit,
      flush: () => this.flush(),
      snapshotText: (key, serviceId, keep) => this.#snapshots.of(key, serviceId, keep),
      changeText: (run) => serviceChangeText(run, changes.logId, this.#texts),
      soon: (task) => scheduler.soon(task),
      sent: (type) => void this.#sent.set(type, (this.#sent.get(type) ?? 0) + 1),
      reloaded: (watch) => pushMetrics.reloaded(watch),
      behind: (session, isBehind) => {
        if (isBehind) this.#behind.add(session);
        else this.#behind.delete(session);
      },
    };
  }

  /** Thousands of messages are counted at once. */
  #countSent(): void {
    const sent = this.#sent;
    // A new one: tables of a map that is filled and emptied for ever would keep each other alive, see `Bag`.
    this.#sent = new Map();
    for (const [type, messages] of sent) this.#state.pushMetrics.sent(type, messages);
  }

  #gauges(): Partial<PushGauges> {
    this.#countSent();
    let waitingChanges = 0;
    for (const { waiting } of this.#behind) waitingChanges += waiting;
    return {
      sessions: this.#sessions.size,
      subscriptions: this.#subscriptions,
      watchersOfAll: this.#watchersOfAll.size,
      slowSessions: this.#behind.size,
      waitingChanges,
    };
  }
}
