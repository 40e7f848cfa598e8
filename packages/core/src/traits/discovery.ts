import type {
  DiscoverServiceResponse,
  DiscoveryConfig,
  LookupRequest,
  LookupResponse,
  ServiceListRequest,
  ServiceListResponse,
} from '../models/api.js';
import type { Service } from '../models/service.js';

/** An answer that is prepared once and sent many times, until its service changes. */
export interface PreparedAnswer {
  readonly response: DiscoverServiceResponse;
  /** The response as JSON, written anew by each call: whoever sends it many times keeps it. */
  text(): string;
  /** `"<log_id>-<revision of the service>"` with the quotes; absent when the service is unknown. */
  readonly etag: string | undefined;
}

/**
 * What callers ask. An unknown service is `bad-request` in the answer, not an error. Throws `ArtemisError('unavailable')`
 * while this node joins its cluster and does not hold everything yet.
 */
export interface Discovery {
  service(config: DiscoveryConfig): PreparedAnswer;
  services(request: ServiceListRequest): ServiceListResponse;
  lookup(request: LookupRequest): LookupResponse;
}

/** What watchers begin with: exactly what the changes up to now make. Answers while this node joins its cluster, too. */
export interface Snapshots {
  /** Everything shown of a service, whatever its status; an unknown service is an empty one. */
  service(serviceId: string): Service;
  /** Revision of the latest change of a service that a watcher would see; `undefined` when nothing is known of it. */
  revisionOf(serviceId: string): number | undefined;
  /** Lower-case ids of all known services. */
  serviceKeys(): Iterable<string>;
}
