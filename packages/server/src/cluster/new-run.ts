import type { Clock, HybridClock, Logger, Random, RegistryRecord, Version } from '@artemis/core';
import { stampAt, withVersion } from '@artemis/core';
import type { Identity } from '../identity.js';
import type { LeaseManager } from '../lease/manager.js';
import type { RegistryRepository } from '../registry/repository.js';
import type { PeerCaller } from './caller.js';

export const runIdLength = 10;

interface NewRunOptions {
  readonly identity: Identity;
  readonly random: Random;
  readonly wall: Pick<Clock, 'wallMs'>;
  readonly clock: HybridClock;
  readonly caller: PeerCaller;
  readonly repository: RegistryRepository;
  readonly leases: Pick<LeaseManager, 'ageMs'>;
  readonly logger: Logger;
  /** The change log has another id: what was prepared with the old one is of no use. */
  readonly begun: () => void;
}

/** What follows when the peers find this node's wall clock right. */
export class NewRun {
  readonly #options: NewRunOptions;

  constructor(options: NewRunOptions) {
    this.#options = options;
  }

  /**
   * A node whose clock was wrong begins a new run. Its stamps begin anew at the right time, after those that it and its
   * peers hold; the new origin keeps them apart from what was stamped before.
   */
  begin(): void {
    const { identity, random, clock, caller, repository, begun } = this.#options;
    identity.beginRun(random.id(runIdLength));
    clock.restart();
    caller.takeClocksAgain();
    for (const key of repository.keys()) {
      const record = repository.get(key);
      if (record !== undefined) clock.observe(record.version.stamp);
    }
    begun();
  }

  /**
   * Stamps anew what no peer would accept, for it was stamped by a clock far ahead, in this run or in one that the
   * store remembers. This is the one exception to the merge law.
   */
  stampAnew(): void {
    const { repository, leases, clock, logger } = this.#options;
    // Nearly always, and to look at every record would hold up clients.
    if (clock.accepts(repository.latestStamp)) return;
    const records = [...repository.keys()]
      .map((key) => repository.get(key))
      .filter((record) => record !== undefined)
      .filter(({ version }) => !clock.accepts(version.stamp));
    for (const record of records) {
      const ageMs = record.state === 'alive' ? leases.ageMs(record.key) : 0;
      repository.restamp(withVersion(record, this.#rightVersion(record, ageMs)), ageMs);
    }
    if (records.length === 0) return;
    logger.warn(`${records.length} records were stamped by a clock far ahead: they have new stamps now`);
  }

  /** A live record is as old as its latest renewal, so that it does not undo what peers did since then. */
  #rightVersion({ version }: RegistryRecord, ageMs: number): Version {
    const { identity, wall, clock } = this.#options;
    const stamp = Math.max(1, stampAt(wall.wallMs() - ageMs));
    // What is written to the key from here on must be later.
    clock.observe(stamp);
    return { ...version, stamp, origin: identity.origin };
  }
}
