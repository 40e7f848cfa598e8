import type { LeaseInspector, LeasesResponse, LeaseStatus } from '@artemis/core';
import { deadlineOf, serviceKeyOf } from '@artemis/core';
import type { Leases } from '../leases.js';
import type { RegistryRepository } from '../registry/repository.js';

const defaultPage = 1000;
type ServiceLeases = LeasesResponse['services'][number];

/** Leases by service, page by page, for operators. */
export class LeaseView implements LeaseInspector {
  readonly #repository: RegistryRepository;
  readonly #leases: Leases;

  constructor(repository: RegistryRepository, leases: Leases) {
    this.#repository = repository;
    this.#leases = leases;
  }

  leases({
    serviceId,
    cursor,
    limit = defaultPage,
  }: Parameters<LeaseInspector['leases']>[0]): LeasesResponse {
    const after = cursor === undefined ? undefined : decodeCursor(cursor);
    const services: ServiceLeases[] = [];
    let room = limit;
    for (const serviceKey of this.#serviceKeys(serviceId)) {
      if (after !== undefined && serviceKey < after.service) continue;
      const keys = this.#keysAfter(serviceKey, serviceKey === after?.service ? after.key : undefined);
      const page = keys.slice(0, room);
      if (page.length > 0) services.push(this.#describe(serviceKey, page));
      room -= page.length;
      const last = page.at(-1);
      if (keys.length > page.length) {
        const position = last === undefined ? { service: serviceKey } : { service: serviceKey, key: last };
        return { ...this.#whole(), services, next_cursor: encodeCursor(position) };
      }
    }
    return { ...this.#whole(), services };
  }

  /** One lease; `undefined` when the record is not alive here. */
  lease(key: string): LeaseStatus | undefined {
    const { manager, heldBack, time } = this.#leases;
    const lease = manager.get(key);
    if (lease === undefined) return undefined;
    return {
      ttl_ms: lease.ttlMs,
      age_ms: manager.ageMs(key),
      remaining_ms: Math.round(deadlineOf(lease) - time.nowMs()),
      state: this.#repository.visibilityOf(key),
      ...(heldBack.has(key) && { held_back: true }),
    };
  }

  #whole(): Omit<LeasesResponse, 'services' | 'next_cursor'> {
    const { manager, preservation } = this.#leases;
    return {
      total: manager.size,
      unconfirmed: this.#repository.doubted('unconfirmed'),
      hidden: this.#repository.doubted('hidden'),
      self_preservation: preservation.status(),
    };
  }

  #serviceKeys(serviceId: string | undefined): readonly string[] {
    return serviceId === undefined ? this.#repository.sortedServiceKeys : [serviceKeyOf(serviceId)];
  }

  #keysAfter(serviceKey: string, key: string | undefined): string[] {
    const keys = (this.#repository.service(serviceKey)?.live ?? []).map(({ key: each }) => each).sort();
    return key === undefined ? keys : keys.filter((candidate) => candidate > key);
  }

  #describe(serviceKey: string, keys: readonly string[]): ServiceLeases {
    const leases = keys.flatMap((key) => {
      const record = this.#repository.get(key);
      const lease = this.lease(key);
      if (record === undefined || lease === undefined) return [];
      return { instance_key: record.instanceKey, owner: record.version.owner, ...lease };
    });
    return { service_id: this.#repository.service(serviceKey)?.name ?? serviceKey, leases };
  }
}

interface Position {
  readonly service: string;
  readonly key?: string;
}

function encodeCursor({ service, key = '' }: Position): string {
  return Buffer.from(`${service}\n${key}`).toString('base64url');
}

function decodeCursor(cursor: string): Position {
  const [service = '', key = ''] = Buffer.from(cursor, 'base64url').toString().split('\n');
  return key === '' ? { service } : { service, key };
}
