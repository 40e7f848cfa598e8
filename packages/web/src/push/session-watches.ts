import { serviceKeyOf, type Cancel } from '@artemis/core';
import type { Channel } from './channel.js';
import type { ChangeFrame } from './frame-log.js';
import type { SessionHost } from './session-host.js';
import { AllWatch, ServiceWatch, type Watch, type WatchStart } from './watch.js';
import { sliceBytes, WatchSteps } from './watch-steps.js';

/**
 * What one session watches, and what it has been sent of it. While the socket takes what it is sent, changes go straight
 * to it. Once it does not, the session is behind: it notes its place in the log of frames, and goes on from there when
 * the socket has drained. Snapshots and replays are sent only by a session that is not behind.
 */
export class SessionWatches {
  readonly #host: SessionHost;
  readonly #channel: Channel;
  readonly #steps: WatchSteps;
  readonly #services = new Map<string, ServiceWatch>();
  #all: AllWatch | undefined;
  /** Watches that are not live. */
  readonly #due = new Set<Watch>();
  /** Number of the frame to go on with. */
  #place: number | undefined;
  #continuing: Cancel | undefined;

  constructor(host: SessionHost, channel: Channel) {
    this.#host = host;
    this.#channel = channel;
    this.#steps = new WatchSteps(host, channel, (key) => this.has(key));
  }

  /** Services watched by name. */
  get size(): number {
    return this.#services.size;
  }

  get watchesAll(): boolean {
    return this.#all !== undefined;
  }

  get serviceKeys(): Iterable<string> {
    return this.#services.keys();
  }

  /** Whether something waits until the socket drains. */
  get isBehind(): boolean {
    return this.#place !== undefined;
  }

  /** Changes that wait until the socket drains. */
  get waiting(): number {
    let waiting = this.#all?.waiting ?? 0;
    for (const watch of this.#services.values()) waiting += watch.waiting;
    return waiting;
  }

  has(serviceKey: string): boolean {
    return this.#services.has(serviceKey);
  }

  /** Watches a service from now on; watched already, it begins again. */
  watch(serviceId: string, start: WatchStart): void {
    const key = serviceKeyOf(serviceId);
    this.#forget(this.#services.get(key));
    const watch = new ServiceWatch(key, serviceId, start);
    this.#services.set(key, watch);
    this.#begin(watch);
  }

  watchAll(start: WatchStart): void {
    this.#forget(this.#all);
    this.#all = new AllWatch(start);
    this.#begin(this.#all);
  }

  unwatch(serviceKey: string): void {
    const watch = this.#services.get(serviceKey);
    if (watch === undefined) return;
    this.#host.flush();
    this.#services.delete(serviceKey);
    this.#forget(watch);
    if (watch.state === 'live' || this.#all === undefined) return;
    // What the watch left out is missing from the watch of everything, too.
    if (this.#all.state === 'replay') this.#all.abandon();
    else this.#all.sendAgain(serviceKey);
    this.#begin(this.#all);
  }

  unwatchAll(): void {
    this.#forget(this.#all);
    this.#all = undefined;
  }

  /** A new frame, already in the log. */
  offer(frame: ChangeFrame): void {
    const watch = this.#services.get(frame.key) ?? this.#all;
    if (watch === undefined) return;
    if (this.#place === undefined) {
      if (this.#deliver(watch, frame) && this.#channel.congested) this.#fallBehind(this.#host.frames.next);
      return;
    }
    watch.wait(frame.key, frame.size);
    if (watch.waiting > this.#host.queueLimit) this.#abandon(watch);
  }

  /** Changes were lost to everybody: whoever was to get them begins again. */
  abandonAll(): void {
    for (const watch of this.#watches()) if (watch.follows) this.#abandon(watch);
    this.#continue();
  }

  /** Sends what is due, as far as the socket takes it. To be called when it has drained. */
  pump(): void {
    if (this.#channel.closed || this.#channel.congested) return;
    this.#host.flush();
    if (this.#catchUp()) this.#work();
  }

  end(): void {
    this.#continuing?.();
    this.#due.clear();
    this.#services.clear();
    this.#all = undefined;
    if (this.#place !== undefined) this.#host.behind(this, false);
  }

  *#watches(): Generator<Watch> {
    yield* this.#services.values();
    if (this.#all !== undefined) yield this.#all;
  }

  #begin(watch: Watch): void {
    this.#due.add(watch);
    if (this.#channel.congested) this.#fallBehind(this.#host.frames.next);
    else this.pump();
  }

  #forget(watch: Watch | undefined): void {
    if (watch !== undefined) this.#due.delete(watch);
  }

  #deliver(watch: Watch, frame: ChangeFrame): boolean {
    if (!watch.takes(frame.key)) return false;
    this.#channel.send(frame.bytes);
    this.#host.sent('service_change');
    watch.revision = frame.lastRevision;
    return true;
  }

  #fallBehind(place: number): void {
    if (this.#place === undefined) this.#host.behind(this, true);
    this.#place ??= place;
  }

  #abandon(watch: Watch): void {
    watch.abandon();
    this.#due.add(watch);
  }

  /** Answers whether the session is behind no more. */
  #catchUp(): boolean {
    const { frames } = this.#host;
    if (this.#place === undefined) return true;
    if (this.#place < frames.first) {
      for (const watch of this.#watches()) if (watch.waiting > 0) this.#abandon(watch);
      this.#place = frames.first;
    }
    for (let frame = frames.get(this.#place); frame !== undefined; frame = frames.get(this.#place)) {
      this.#place += 1;
      const watch = this.#services.get(frame.key) ?? this.#all;
      if (watch === undefined || !this.#deliver(watch, frame)) continue;
      watch.waiting = Math.max(0, watch.waiting - frame.size);
      if (this.#channel.congested) return false;
    }
    this.#place = undefined;
    this.#host.behind(this, false);
    return true;
  }

  /** Brings the watches that are due to life, in the order in which they came. */
  #work(): void {
    let bytes = 0;
    for (const watch of this.#due) {
      while (watch.state !== 'live') {
        if (this.#channel.closed) return;
        bytes += this.#steps.take(watch);
        if (this.#channel.congested) {
          this.#fallBehind(this.#host.frames.next);
          return;
        }
        if (bytes > sliceBytes) {
          this.#continue();
          return;
        }
      }
      this.#due.delete(watch);
    }
  }

  #continue(): void {
    this.#continuing ??= this.#host.soon(() => {
      this.#continuing = undefined;
      this.pump();
    });
  }
}
