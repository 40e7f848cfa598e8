import type { AgedRecord, Clock, HybridClock, ReadRenewal, RegistryRecord, Version } from '@artemis/core';
import { adopt, beats, compareVersions, refutationOf, stampWallMs } from '@artemis/core';
import type { LeaseManager } from '../lease/manager.js';
import type { RegistryRepository } from '../registry/repository.js';

interface RecordIntakeOptions {
  readonly nodeId: string;
  readonly wallClock: Pick<Clock, 'wallMs'>;
  readonly clock: HybridClock;
  readonly repository: RegistryRepository;
  readonly leases: LeaseManager;
  /** Seconds from the stamp of a change on its origin to its arrival here. */
  readonly delayed: (seconds: number) => void;
  readonly stampRefused: (sender: string, stamp: number) => void;
}

/** What this node made of a record or renewal of a peer. `newer` is what it holds itself. */
export type Intake =
  | { readonly kind: 'taken' }
  | { readonly kind: 'newer'; readonly held: RegistryRecord }
  | { readonly kind: 'lacking' }
  | { readonly kind: 'clock-refused' };

const taken: Intake = { kind: 'taken' };
const lacking: Intake = { kind: 'lacking' };
const clockRefused: Intake = { kind: 'clock-refused' };

/** Takes in what peers hold, whether they sent it or answered it: the merge law, and the refutation of expiries. */
export class RecordIntake {
  readonly #options: RecordIntakeOptions;

  constructor(options: RecordIntakeOptions) {
    this.#options = options;
  }

  /** @param asked whether this node asked for it: such a record says nothing of how long changes are on their way */
  accept({ record, ageMs }: AgedRecord, sender: string, asked = false): Intake {
    const { repository, leases } = this.#options;
    if (!this.#follow(record.version, sender)) return clockRefused;
    const held = repository.get(record.key);
    if (held !== undefined && !beats(record.version, held)) {
      if (record.state === 'alive') leases.renewByPeer(record.key, ageMs);
      return compareVersions(held.version, record.version) > 0 ? { kind: 'newer', held } : taken;
    }
    if (!this.#refuted(record)) repository.apply(record, { origin: 'peer', ageMs });
    if (!asked) this.#measure(record.version);
    return taken;
  }

  /**
   * `lacking` when this node holds no record that has the renewed version.
   *
   * @param likelySlot where the record is looked for first
   */
  renew({ key, version, ageMs }: ReadRenewal, sender: string, likelySlot?: number): Intake {
    const { repository, leases } = this.#options;
    if (!this.#follow(version, sender)) return clockRefused;
    const held = repository.get(key, likelySlot);
    if (held === undefined) return lacking;
    const adopted = adopt(held, version);
    if (adopted !== undefined) {
      repository.apply(adopted, { origin: 'peer', ageMs });
      return taken;
    }
    // Whatever registration was renewed, the instance behind the key is alive.
    leases.renewByPeer(key, ageMs);
    const order = compareVersions(version, held.version);
    if (order === 0) return taken;
    return order > 0 ? lacking : { kind: 'newer', held };
  }

  /** A node whose own client keeps the key alive knows better than whoever let the lease run out. */
  #refuted(record: RegistryRecord): boolean {
    if (record.state !== 'removed' || record.reason !== 'expired') return false;
    const clientAgeMs = this.#options.leases.clientAgeMs(record.key);
    if (record.instance === undefined || clientAgeMs === undefined) return false;
    const refutation = refutationOf({ ...record, instance: record.instance }, this.#options.nodeId);
    this.#options.repository.apply(refutation, { origin: 'local', ageMs: clientAgeMs, reason: 'refuted' });
    return true;
  }

  #follow({ stamp }: Version, sender: string): boolean {
    if (this.#options.clock.observe(stamp)) return true;
    this.#options.stampRefused(sender, stamp);
    return false;
  }

  /** Later rounds keep the stamp of their registration, which says nothing of their own way here. */
  #measure({ stamp, round }: Version): void {
    if (round !== 0) return;
    this.#options.delayed(Math.max(0, this.#options.wallClock.wallMs() - stampWallMs(stamp)) / 1000);
  }
}
