import type { Change, InstanceKey, RegistryRecord } from '@artemis/core';
import { aliveRecord, keyOf } from '@artemis/core';
import type { ConfigOverrides } from '@artemis/core/config';
import { defaultConfig } from '@artemis/core/config';
import { aKey, anInstance, CollectedLogger, simRuntime, VirtualTime } from '@artemis/core/testing';
import type { Peer } from '../cluster/peer.js';
import type { Leases } from '../leases.js';
import { createLeases } from '../leases.js';
import { ChangeLog } from '../registry/change-log.js';
import type { ApplyContext } from '../registry/repository.js';
import { RegistryRepository } from '../registry/repository.js';

/** A table of `node1` with all that watches its leases, and peers that are asked for ages. Time moves only when told to. */
export class LeaseTable {
  readonly time = new VirtualTime();
  readonly logger = new CollectedLogger();
  readonly log = new ChangeLog('node1#run');
  readonly repository: RegistryRepository;
  readonly leases: Leases;
  readonly changes: Change[] = [];
  /** Keys that peers were asked for, a list for each request. */
  readonly asked: string[][] = [];
  readonly excluded = new Set<string>();
  /** Names of the peers that can be reached. */
  reachable: string[] = [];
  answer: (keys: readonly InstanceKey[]) => Promise<void> = async () => undefined;
  joining = false;
  /** What the process was held up for so far. */
  pausedMs = 0;
  #stamp = 0;

  constructor(overrides: ConfigOverrides = {}) {
    const clock = {
      monotonicMs: () => this.time.nowMs + this.pausedMs,
      wallMs: () => this.time.startWallMs + this.time.nowMs + this.pausedMs,
    };
    const runtime = { ...simRuntime({ time: this.time }), clock, logger: this.logger };
    this.repository = new RegistryRepository(clock, this.log);
    this.leases = createLeases({
      config: defaultConfig(overrides),
      runtime,
      nodeId: 'node1',
      repository: this.repository,
      excluded: (key) => this.excluded.add(key),
      included: (key) => this.excluded.delete(key),
      dropped: () => undefined,
      peers: () => this.reachable.map((address) => ({ address, state: 'alive' }) as unknown as Peer),
      ask: (_peer, keys) => {
        this.asked.push(keys.map(({ instance_id: id }) => id));
        return this.answer(keys);
      },
      joining: () => this.joining,
      metrics: () => ({ asked: () => undefined, heldUp: () => undefined, preserved: () => undefined }),
    });
    const { owned, manager, lapsed } = this.leases;
    for (const part of [owned, manager, lapsed]) this.log.subscribe((change) => part.onChange(change));
    this.log.subscribe((change) => this.changes.push(change));
    manager.start();
  }

  register(id: string, owner = 'node1', context: Partial<ApplyContext> = {}, ttlMs = 3000): string {
    const instance = anInstance({ instance_id: id });
    this.#stamp += 1;
    const version = { stamp: this.#stamp, origin: `${owner}#run`, round: 0, owner };
    const record = aliveRecord(keyOf(instance), instance, version, ttlMs);
    const origin = owner === 'node1' ? 'local' : 'peer';
    this.repository.apply(record, { origin, byClient: owner === 'node1', ...context });
    return record.key;
  }

  registerMany(count: number, owner = 'node1'): string[] {
    return Array.from({ length: count }, (_, index) => this.register(`i${index}`, owner));
  }

  heartbeat(...keys: readonly string[]): void {
    for (const key of keys) this.leases.manager.renewByClient(key);
  }

  /** Seconds pass, in each of which these keys are renewed. */
  async beat(seconds: number, keys: readonly string[]): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      this.heartbeat(...keys);
      await this.time.advance(1000);
    }
  }

  shown(key: string): string {
    return this.repository.get(key)?.state === 'alive' ? this.repository.visibilityOf(key) : 'gone';
  }

  get(id: string): RegistryRecord | undefined {
    return this.repository.get(keyOf(aKey({ instance_id: id })));
  }

  /** Reasons of all changes so far but the registrations. */
  get reasons(): string[] {
    return this.changes.map(({ reason }) => reason).filter((reason) => reason !== 'registered');
  }
}
