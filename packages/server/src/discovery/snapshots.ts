import type { Service, Snapshots } from '@artemis/core';
import type { RegistryRepository } from '../registry/repository.js';
import { preferenceOf, selectInstances } from './filters.js';

const everything = preferenceOf({ discovery_data: { status: 'any' } });

/**
 * Services as the change log tells them. What expiry is behind with is shown still: its removal, or that it was renewed
 * after all, is a change to come or none at all.
 */
export class RepositorySnapshots implements Snapshots {
  readonly #repository: Pick<RegistryRepository, 'service' | 'serviceKeys'>;

  constructor(repository: Pick<RegistryRepository, 'service' | 'serviceKeys'>) {
    this.#repository = repository;
  }

  service(serviceId: string): Service {
    const entry = this.#repository.service(serviceId);
    if (entry === undefined) return { service_id: serviceId, instances: [] };
    const instances = selectInstances(entry, everything);
    return { service_id: instances[0]?.service_id ?? entry.name, instances };
  }

  revisionOf(serviceId: string): number | undefined {
    return this.#repository.service(serviceId)?.revision;
  }

  serviceKeys(): Iterable<string> {
    return this.#repository.serviceKeys();
  }
}
