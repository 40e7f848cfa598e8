import type { Change, Clock, Instance, Random } from '@artemis/core';
import { aliveRecord, keyOf, toInstanceKey, unregistered } from '@artemis/core';
import { ChangeLog } from '../registry/change-log.js';
import { RegistryRepository } from '../registry/repository.js';
import type { DiscoveryOptions } from './service.js';
import { DiscoveryService } from './service.js';

/** `region/zone/id`, up, of the service `orders`, unless told otherwise. */
export function instanceAt(place: string, more: Partial<Instance> = {}): Instance {
  const [region_id = '', zone_id = '', instance_id = ''] = place.split('/');
  const service_id = 'orders';
  return {
    ...{ region_id, zone_id, service_id, instance_id },
    ...{ ip: '192.0.2.1', port: 80, url: 'http://192.0.2.1', status: 'up', ...more },
  };
}

/** A table with discovery over it, on a clock that stands still until it is moved. */
export class DiscoveryTable {
  nowMs = 0;
  readonly clock: Clock = { monotonicMs: () => this.nowMs, wallMs: () => this.nowMs };
  readonly log = new ChangeLog('node1#run');
  readonly repository = new RegistryRepository(this.clock, this.log);
  readonly discovery: DiscoveryService;
  #stamp = 0;

  constructor({
    cache = { enabled: true, expiryMs: 1000 },
    random,
    ...more
  }: Partial<DiscoveryOptions> = {}) {
    this.discovery = new DiscoveryService({
      ...more,
      repository: this.repository,
      log: this.log,
      clock: this.clock,
      random: random ?? turnsOf([0]),
      cache,
    });
    this.log.subscribe((change: Change) => this.discovery.onChange(change));
  }

  register(...instances: Instance[]): void {
    for (const instance of instances) {
      const record = aliveRecord(keyOf(instance), instance, this.#version('node1'), 30_000);
      this.repository.apply(record, { origin: 'local' });
    }
  }

  unregister(instance: Instance): void {
    const key = toInstanceKey(instance);
    this.repository.apply(unregistered(keyOf(key), key, this.#version('')), { origin: 'local' });
  }

  /** As the sweep does when the retention of its tombstone is over. */
  forget(instance: Instance): void {
    const record = this.repository.get(keyOf(instance));
    if (record !== undefined) this.repository.forget(record);
  }

  #version(owner: string) {
    this.#stamp += 1;
    return { stamp: this.#stamp, origin: 'node1#run', round: 0, owner };
  }
}

/** Three services in two regions, one of which is not up. */
export function filled(random?: Random): DiscoveryTable {
  const table = new DiscoveryTable(random === undefined ? {} : { random });
  table.register(
    instanceAt('eu/z1/a'),
    instanceAt('eu/z2/b'),
    instanceAt('us/z1/c', { service_id: 'Users' }),
    instanceAt('us/z1/d', { service_id: 'Billing', status: 'starting' }),
  );
  return table;
}

/** Chance that draws these values, again and again. */
export function turnsOf(values: readonly number[]): Random {
  let turn = -1;
  return { next: () => values[(turn += 1) % values.length] ?? 0, id: () => 'x' };
}
