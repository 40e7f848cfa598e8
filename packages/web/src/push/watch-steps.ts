import { serviceKeyOf, type Change } from '@artemis/core';
import type { Channel } from './channel.js';
import { runsOf } from './change-texts.js';
import { textFrame } from './frame.js';
import { messageText, subscribedAllText, subscribedText } from './server-texts.js';
import type { SessionHost } from './session-host.js';
import { AllWatch, ServiceWatch, type Watch } from './watch.js';

/** Sent by one session before others get their turn. */
export const sliceBytes = 262_144;

/** What brings the watches of a session to life: snapshots, and what was missed. All of it up to this very moment. */
export class WatchSteps {
  readonly #host: SessionHost;
  readonly #channel: Channel;
  readonly #isNamed: (serviceKey: string) => boolean;

  /** @param isNamed whether the session watches a service by name, so that it is no part of its watch of everything */
  constructor(host: SessionHost, channel: Channel, isNamed: (serviceKey: string) => boolean) {
    this.#host = host;
    this.#channel = channel;
    this.#isNamed = isNamed;
  }

  /** Sends the next part for a watch that is not live, and answers its bytes. Everybody is up to date when called. */
  take(watch: Watch): number {
    if (watch instanceof AllWatch) return this.#stepAll(watch);
    return watch instanceof ServiceWatch ? this.#step(watch) : 0;
  }

  #step(watch: ServiceWatch): number {
    if (watch.state === 'replay') return this.#replay(watch, this.#missedBy(watch));
    return this.#tellReload(watch, watch.serviceId) + this.#sendSnapshot(watch);
  }

  #sendSnapshot(watch: ServiceWatch): number {
    const { revision } = this.#host.changes;
    const text = this.#host.snapshotText(watch.key, watch.serviceId, true);
    watch.state = 'live';
    watch.revision = revision;
    return this.#sendSubscribed(watch.serviceId, revision, text);
  }

  #stepAll(watch: AllWatch): number {
    const { changes, snapshots } = this.#host;
    if (watch.state === 'replay') return this.#replay(watch, changes.since(watch.revision));
    let bytes = 0;
    if (!watch.announced) {
      watch.announced = true;
      bytes += this.#tellReload(watch, undefined);
      watch.restart(snapshots.serviceKeys());
    }
    while (bytes < sliceBytes && !this.#channel.congested) {
      const due = watch.takePending();
      if (due === undefined) {
        watch.complete();
        watch.revision = changes.revision;
        return bytes + this.#sendAllKnown(changes.revision);
      }
      const service = snapshots.service(due.key);
      if (service.instances.length === 0 && !due.maybeKnown) continue;
      const text = this.#host.snapshotText(due.key, service.service_id, false);
      bytes += this.#sendSubscribed(service.service_id, changes.revision, text);
    }
    return bytes;
  }

  /** What a watcher of a service missed; `undefined` when the log does not tell. */
  #missedBy(watch: ServiceWatch): readonly Change[] | undefined {
    const { changes, snapshots } = this.#host;
    const latest = snapshots.revisionOf(watch.key) ?? 0;
    // The log need not reach back to where nothing happened.
    if (latest > 0 && latest <= watch.revision && watch.revision <= changes.revision) return [];
    return changes
      .since(watch.revision)
      ?.filter(({ record }) => serviceKeyOf(record.instanceKey.service_id) === watch.key);
  }

  #replay(watch: ServiceWatch | AllWatch, missed: readonly Change[] | undefined): number {
    if (missed === undefined) {
      if (watch.announced) watch.abandon();
      else if (watch instanceof AllWatch) watch.comesLate();
      else watch.state = 'snapshot';
      return 0;
    }
    const { changes } = this.#host;
    const runs = [...runsOf(missed)].filter(
      ({ key }) => watch instanceof ServiceWatch || !this.#isNamed(key),
    );
    let bytes = 0;
    if (!watch.announced) {
      watch.announced = true;
      // From here the watcher may resume: not yet from where it will be after what follows.
      const from = runs.length === 0 ? changes.revision : watch.revision;
      bytes +=
        watch instanceof ServiceWatch
          ? this.#sendSubscribed(watch.serviceId, from, undefined)
          : this.#sendAllKnown(from);
    }
    for (const run of runs) {
      if (bytes >= sliceBytes || this.#channel.congested) return bytes;
      bytes += this.#send('service_change', this.#host.changeText(run));
      watch.revision = run.changes.at(-1)?.revision ?? watch.revision;
    }
    watch.revision = changes.revision;
    watch.state = 'live';
    return bytes;
  }

  #tellReload(watch: Watch, serviceId: string | undefined): number {
    if (watch.reload === undefined) return 0;
    const { logId, revision } = this.#host.changes;
    if (watch.reload === 'slow') this.#host.reloaded(serviceId === undefined ? 'all' : 'service');
    watch.reload = undefined;
    return this.#send(
      'reload',
      messageText({
        type: 'reload',
        ...(serviceId === undefined ? {} : { service_id: serviceId }),
        from_revision: watch.revision,
        revision,
        log_id: logId,
      }),
    );
  }

  #sendSubscribed(serviceId: string, revision: number, service: string | undefined): number {
    const { logId } = this.#host.changes;
    return this.#send('subscribed', subscribedText(serviceId, { revision, logId }, service));
  }

  #sendAllKnown(revision: number): number {
    const { logId } = this.#host.changes;
    return this.#send('subscribed_all', subscribedAllText({ revision, logId }));
  }

  #send(type: string, text: string): number {
    const frame = textFrame(text);
    this.#channel.send(frame);
    this.#host.sent(type);
    return frame.length;
  }
}
