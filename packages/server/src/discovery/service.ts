import type {
  Change,
  ChangeFeed,
  Clock,
  DiscoverServiceResponse,
  Discovery,
  DiscoveryConfig,
  LookupRequest,
  LookupResponse,
  PreparedAnswer,
  Random,
  ResponseStatus,
  Service,
  ServiceListRequest,
  ServiceListResponse,
} from '@artemis/core';
import { ArtemisError, limits, namesOf, serviceKeyOf } from '@artemis/core';
import type { RegistryRepository } from '../registry/repository.js';
import type { ServiceEntry } from '../registry/service-index.js';
import type { CacheOptions } from './cache.js';
import { Answer, AnswerCache } from './cache.js';
import type { Preference } from './filters.js';
import { isPresent, preferenceOf, problemOf, selectInstances, variantOf } from './filters.js';
import { InstancePicker } from './strategies.js';

export interface DiscoveryOptions {
  readonly repository: Pick<RegistryRepository, 'service' | 'sortedServiceKeys'>;
  readonly log: Pick<ChangeFeed, 'logId' | 'revision'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly cache: CacheOptions;
  /** Why this node may not hold everything yet, and answers nothing. Default: it always answers. */
  readonly joining?: () => string | undefined;
  /**
   * Keys of a service whose own leases are over, though the records are still there: expiry takes only so many at a
   * time. Default: none.
   */
  readonly ended?: (serviceId: string) => ReadonlySet<string> | undefined;
}

interface Wanted {
  readonly preference: Preference;
  readonly problem: string | undefined;
  readonly variant: string;
}

const success: ResponseStatus = { error_code: 'success' };
const badRequest = (message: string): ResponseStatus => ({
  error_code: 'bad-request',
  error_message: message,
});

/** Problems of a lookup that its message names one by one. */
const namedProblems = 10;

const tooMuch = `discovery_configs: their answer would be larger than ${limits.lookupBytes} bytes, ask for fewer at once`;

/** Answers callers from the table. A service is known while the table holds anything of it, a tombstone included. */
export class DiscoveryService implements Discovery {
  readonly #repository: DiscoveryOptions['repository'];
  readonly #log: DiscoveryOptions['log'];
  readonly #cache: AnswerCache;
  readonly #picker: InstancePicker;
  readonly #joining: NonNullable<DiscoveryOptions['joining']>;
  readonly #ended: NonNullable<DiscoveryOptions['ended']>;
  /** Of the questions that were asked: whoever asks the same again may do so with the same object. */
  readonly #wanted = new WeakMap<DiscoveryConfig, Wanted>();

  constructor({ repository, log, clock, random, cache, joining, ended }: DiscoveryOptions) {
    this.#repository = repository;
    this.#log = log;
    this.#cache = new AnswerCache(cache, clock);
    this.#picker = new InstancePicker(random);
    this.#joining = joining ?? (() => undefined);
    this.#ended = ended ?? (() => undefined);
  }

  /** Listener of the change log. */
  onChange({ type, record }: Change): void {
    if (type !== undefined) this.#cache.drop(namesOf(record).service_id);
  }

  /** Drops prepared answers that nobody asked for of late. @param nowMs monotonic */
  sweep(nowMs: number): void {
    this.#cache.sweep(nowMs);
  }

  /** The revision is that of the service; an unknown service has none, and gets that of the whole log. */
  service(config: DiscoveryConfig): PreparedAnswer {
    this.#requireWhole();
    return this.#answer(config, 'discovery_config');
  }

  /**
   * Services with a registered instance, up or not, by lower-case id. A zone, or else a region, leaves those that have
   * an instance there; their instances are all listed, in the order of preference that `service` has.
   */
  services({ prefix, fields, cursor, limit, ...place }: ServiceListRequest): ServiceListResponse {
    this.#requireWhole();
    const preference = preferenceOf(place);
    const start = serviceKeyOf(prefix ?? '');
    const after = cursor ?? '';
    const keys = this.#repository.sortedServiceKeys;
    const services: ServiceListResponse['services'] = [];
    let last: string | undefined;
    let next: string | undefined;
    for (let index = firstAfter(keys, after, start); index < keys.length; index += 1) {
      const key = keys[index] as string;
      if (!key.startsWith(start)) break;
      const entry = this.#repository.service(key);
      if (entry === undefined || !isPresent(entry, preference)) continue;
      if (services.length === (limit ?? limits.servicesPage)) {
        next = last;
        break;
      }
      services.push(
        fields === 'names'
          ? { service_id: this.#nameOf(entry, preference) }
          : this.#serviceOf(entry, preference),
      );
      last = key;
    }
    const answer = { response_status: success, services, ...this.#position() };
    return next === undefined ? answer : { ...answer, next_cursor: next };
  }

  /** What is known is answered also when the status says that something else is not. */
  lookup({ discovery_config: one, discovery_configs: many, strategy }: LookupRequest): LookupResponse {
    this.#requireWhole();
    if (one && many) return this.#wrongLookup('discovery_config, discovery_configs: give one of the two');
    const configs = one ? [one] : (many ?? []);
    const [first] = configs;
    if (first === undefined) return this.#wrongLookup('discovery_configs: expected at least one');
    if (strategy && configs.length > 1) return this.#wrongLookup('strategy: needs a single discovery_config');
    const answers: DiscoverServiceResponse[] = [];
    let bytes = 0;
    for (const [index, config] of configs.entries()) {
      const answer = this.#answer(config, one ? 'discovery_config' : `discovery_configs[${index}]`);
      answers.push(answer.response);
      if (configs.length === 1) continue;
      // Ten thousand times the largest service would be more than any answer can hold.
      bytes += answer.byteLength;
      if (bytes > limits.lookupBytes) return this.#wrongLookup(tooMuch);
    }
    const status = statusOf(answers.map(({ response_status }) => response_status));
    const position = this.#position();
    const services = answers.map(({ service }, index) => {
      return service ?? { service_id: configs[index]?.service_id ?? '', instances: [] };
    });
    if (!strategy) return { response_status: status, services, ...position };
    const instance = this.#pick(strategy, first, services[0]?.instances ?? []);
    return { response_status: status, ...(instance === undefined ? {} : { instance }), ...position };
  }

  #requireWhole(): void {
    const reason = this.#joining();
    if (reason !== undefined) throw new ArtemisError('unavailable', reason, { retryAfterSecs: 1 });
  }

  /** @param path of the config in the request */
  #answer(config: DiscoveryConfig, path: string): Answer {
    const { preference, problem, variant } = this.#wantedBy(config);
    if (problem !== undefined) return this.#refusal(`${path}.${problem}`);
    const entry = this.#repository.service(config.service_id);
    if (entry === undefined) return this.#refusal(`unknown service ${config.service_id}`);
    // What expiry is behind with is no change of the service yet: such an answer is neither kept nor named by an ETag.
    const behind = this.#ended(config.service_id) !== undefined;
    const prepare = (): Answer => {
      const position = { revision: entry.revision, log_id: this.#log.logId };
      const service = this.#serviceOf(entry, preference);
      const etag = behind ? undefined : `"${position.log_id}-${position.revision}"`;
      return new Answer({ response_status: success, service, ...position }, etag);
    };
    if (behind) return prepare();
    return this.#cache.answer(config.service_id, entry, variant, prepare);
  }

  #wantedBy(config: DiscoveryConfig): Wanted {
    let wanted = this.#wanted.get(config);
    if (wanted === undefined) {
      const preference = preferenceOf(config);
      wanted = { preference, problem: problemOf(preference), variant: variantOf(preference) };
      this.#wanted.set(config, wanted);
    }
    return wanted;
  }

  /** The id is spelt as the first of the instances has it, which is the same on all nodes. */
  #serviceOf(entry: ServiceEntry, preference: Preference): Service {
    const instances = selectInstances(entry, preference, this.#ended(entry.name));
    return { service_id: instances[0]?.service_id ?? entry.name, instances };
  }

  /** The id of {@link DiscoveryService.#serviceOf}; instances are chosen for it only where they spell it differently. */
  #nameOf(entry: ServiceEntry, preference: Preference): string {
    return entry.isSpeltAlike ? entry.name : this.#serviceOf(entry, preference).service_id;
  }

  #pick(
    strategy: NonNullable<LookupRequest['strategy']>,
    config: DiscoveryConfig,
    instances: Service['instances'],
  ): Service['instances'][number] | undefined {
    const { preference, variant } = this.#wantedBy(config);
    const round = `${serviceKeyOf(config.service_id)}\u001f${variant}`;
    return this.#picker.pick(strategy, { instances, preference, round });
  }

  #position(): { revision: number; log_id: string } {
    return { revision: this.#log.revision, log_id: this.#log.logId };
  }

  #refusal(message: string): Answer {
    return new Answer({ response_status: badRequest(message), ...this.#position() }, undefined);
  }

  #wrongLookup(message: string): LookupResponse {
    return { response_status: badRequest(message), ...this.#position() };
  }
}

/** The index of the first key that comes after the cursor, and not before the prefix. */
function firstAfter(sorted: readonly string[], cursor: string, prefix: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const key = sorted[middle] as string;
    if (key <= cursor || key < prefix) low = middle + 1;
    else high = middle;
  }
  return low;
}

function statusOf(all: readonly ResponseStatus[]): ResponseStatus {
  const problems = all.flatMap(({ error_message }) => error_message ?? []);
  if (problems.length === 0) return success;
  const named = problems.slice(0, namedProblems);
  const more = problems.length - named.length;
  return badRequest([...named, ...(more > 0 ? [`and ${more} more`] : [])].join('; '));
}
