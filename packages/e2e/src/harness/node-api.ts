import {
  apiRoutes,
  keyOf,
  servicesDeltaResponseSchema,
  type ClusterStatus,
  type DiscoverServiceResponse,
  type ExplainResponse,
  type HeartbeatResponse,
  type Instance,
  type InstanceKeyInput,
  type LeasesResponse,
  type NodeStatus,
  type RegisterResponse,
  type Service,
  type ServicesDeltaResponse,
  type UnregisterResponse,
  type WireVersion,
} from '@artemis/core';
import { HttpClient, type HttpAnswer } from './http-client.js';
import { Metrics } from './metrics.js';

/** A record as a node holds it. */
export interface HeldRecord {
  readonly instance: Instance;
  readonly version: WireVersion;
}

type Headers = Readonly<Record<string, string>>;

const deltaPath = '/api/discovery/services-delta';

/** What every request between nodes carries. */
export const replicationHeaders: Headers = { 'X-Artemis-Replication': 'true' };

/** The HTTP API of one node, its answers checked against the documented shapes. */
export class NodeApi {
  readonly http: HttpClient;

  constructor(readonly url: string) {
    this.http = new HttpClient(url);
  }

  async register(instances: readonly Instance[], headers: Headers = {}): Promise<RegisterResponse> {
    const answer = await this.#post(apiRoutes.register.path, { instances }, headers);
    return apiRoutes.register.response.parse(answer);
  }

  async heartbeat(keys: readonly InstanceKeyInput[]): Promise<HeartbeatResponse> {
    const answer = await this.#post(apiRoutes.heartbeat.path, { instance_keys: keys });
    return apiRoutes.heartbeat.response.parse(answer);
  }

  async unregister(keys: readonly InstanceKeyInput[], headers: Headers = {}): Promise<UnregisterResponse> {
    const answer = await this.#post(apiRoutes.unregister.path, { instance_keys: keys }, headers);
    return apiRoutes.unregister.response.parse(answer);
  }

  async discover(serviceId: string): Promise<DiscoverServiceResponse> {
    const answer = await this.#post(apiRoutes.service.path, { discovery_config: { service_id: serviceId } });
    return apiRoutes.service.response.parse(answer);
  }

  /** Ids of the instances that discovery offers, in order; none for an unknown service. */
  async idsOf(serviceId: string): Promise<string[]> {
    const { service } = await this.discover(serviceId);
    return (service?.instances ?? []).map(({ instance_id: id }) => id).sort();
  }

  /** Everything that discovery shows of a service, whatever its status; nothing for an unknown one. */
  async shown(serviceId: string): Promise<Service['instances']> {
    const config = { service_id: serviceId, discovery_data: { status: 'any' } };
    const answer = await this.#post(apiRoutes.service.path, { discovery_config: config });
    return apiRoutes.service.response.parse(answer).service?.instances ?? [];
  }

  /** What changed since that revision of a log. */
  async delta(since: number, logId: string): Promise<ServicesDeltaResponse> {
    const answer = await this.#post(deltaPath, { since_revision: since, log_id: logId });
    return servicesDeltaResponseSchema.parse(answer);
  }

  /** Every live record by its canonical key. */
  async table(headers: Headers = {}): Promise<Map<string, HeldRecord>> {
    const answer = await this.#get(apiRoutes.replicaServices.path, { ...replicationHeaders, ...headers });
    const { services } = apiRoutes.replicaServices.response.parse(answer);
    const records = services.flatMap(({ instances }) =>
      instances.map(({ replica, ...instance }): [string, HeldRecord] => [
        keyOf(instance),
        { instance: instance as Instance, version: replica.version },
      ]),
    );
    return new Map(records);
  }

  async status(): Promise<NodeStatus> {
    return apiRoutes.node.response.parse(await this.#get(apiRoutes.node.path));
  }

  async cluster(): Promise<ClusterStatus> {
    return apiRoutes.cluster.response.parse(await this.#get(apiRoutes.cluster.path));
  }

  async leases(serviceId: string): Promise<LeasesResponse['services'][number]['leases']> {
    return (await this.leaseStatus(serviceId)).services.flatMap(({ leases }) => leases);
  }

  async leaseStatus(serviceId: string): Promise<LeasesResponse> {
    const answer = await this.#get(`${apiRoutes.leases.path}?service_id=${encodeURIComponent(serviceId)}`);
    return apiRoutes.leases.response.parse(answer);
  }

  async explain(key: InstanceKeyInput): Promise<ExplainResponse> {
    const ids = Object.entries(key).flatMap(([name, id]): [string, string][] => (id ? [[name, id]] : []));
    const answer = await this.#get(`${apiRoutes.explain.path}?${new URLSearchParams(ids).toString()}`);
    return apiRoutes.explain.response.parse(answer);
  }

  async metrics(): Promise<Metrics> {
    return new Metrics((await this.http.ask('GET', apiRoutes.metrics.path)).text);
  }

  async isReady(): Promise<boolean> {
    return (await this.http.ask('GET', apiRoutes.ready.path)).status === 200;
  }

  async #post(path: string, json: unknown, headers: Headers = {}): Promise<unknown> {
    return bodyOf(await this.http.ask('POST', `${path}.json`, { json, headers }));
  }

  async #get(path: string, headers: Headers = {}): Promise<unknown> {
    const [route = '', query] = path.split('?');
    const tail = query === undefined ? '' : `?${query}`;
    return bodyOf(await this.http.ask('GET', `${route}.json${tail}`, { headers }));
  }
}

function bodyOf({ status, text }: HttpAnswer): unknown {
  if (status !== 200) throw new Error(`answered with HTTP ${status}: ${text}`);
  return JSON.parse(text);
}
