import { serviceKeyOf, type InstanceChange } from '@artemis/core';
import type { FakeNode } from './fake-node.fixture.js';

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Record<string, unknown>;
  readonly headers: Readonly<Record<string, string>>;
}

export interface FakeAnswer {
  readonly status: number;
  readonly body?: object;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
}

type Reply = (answer: FakeAnswer) => void;

const success = { response_status: { error_code: 'success' } };
const problem = (error_code: string): object => ({
  response_status: { error_code, error_message: 'as the test wants' },
});

/** The HTTP interface of a fake node, with long polls. */
export class FakeHttp {
  readonly #node: FakeNode;
  readonly #held = new Set<{ readonly service: string; readonly answer: () => void }>();

  constructor(node: FakeNode) {
    this.#node = node;
  }

  /** Calls back with the answer, at once or once it has one. */
  serve(request: FakeRequest, reply: Reply): void {
    const { mode, table, listed } = this.#node;
    const { path, body } = request;
    if (mode === 'draining')
      return reply({ status: 503, body: problem('service-unavailable'), headers: { 'retry-after': '1' } });
    const ok = (more: object): void => reply({ status: 200, body: { ...success, ...more } });
    switch (path) {
      case '/health/ready':
        return ok({ ready: true, gates: {} });
      case '/api/cluster/up-discovery-nodes.json':
      case '/api/cluster/up-registry-nodes.json':
        return ok({
          nodes: listed.map(({ url, zone }) => ({ url, zone: { region_id: 'local', zone_id: zone } })),
        });
      case '/api/registry/register.json':
      case '/api/registry/unregister.json':
      case '/api/registry/heartbeat.json':
        return ok(this.#node.write(/(\w+)\.json/.exec(path)?.[1] ?? '', body));
      case '/api/discovery/services.json':
        return ok({ ...table.position, services: table.serviceIds.map((service_id) => ({ service_id })) });
      case '/api/discovery/lookup.json': {
        const configs = body['discovery_configs'] as { service_id: string }[];
        const services = configs.map(({ service_id }) => table.service(service_id));
        return ok({ ...table.position, services });
      }
      case '/api/discovery/services-delta.json': {
        const changes = table.since(body['log_id'], body['since_revision']);
        return ok({
          ...(changes === undefined ? problem('data-not-found') : {}),
          changes: changes ?? [],
          ...table.position,
        });
      }
      case '/api/discovery/service.json':
        return this.#service(request, reply);
      default:
        return reply({ status: 404, body: problem('data-not-found') });
    }
  }

  changed({ instance }: Pick<InstanceChange, 'instance'>): void {
    this.release(serviceKeyOf(instance.service_id));
  }

  /** Answers what is held, of one service or of all. */
  release(service?: string): void {
    for (const held of [...this.#held]) {
      if (service !== undefined && held.service !== service) continue;
      this.#held.delete(held);
      held.answer();
    }
  }

  #service({ method, query, headers, body }: FakeRequest, reply: Reply): void {
    const config = body['discovery_config'] as { service_id: string; discovery_data?: { status?: string } };
    const serviceId = method === 'GET' ? (query.get('service_id') ?? '') : config.service_id;
    const isAny = (method === 'GET' ? query.get('status') : config.discovery_data?.status) === 'any';
    const answer = (): void => {
      const { mode, table } = this.#node;
      if (mode !== 'up') return reply({ status: 503, body: problem('service-unavailable') });
      const revision = table.revisionOf(serviceId);
      if (revision === undefined)
        return reply({ status: 200, body: { ...problem('bad-request'), ...table.position } });
      const etag = `"${table.position.log_id}-${revision}"`;
      if (headers['If-None-Match'] === etag) {
        if (!query.has('wait')) return reply({ status: 304, headers: { etag } });
        const held = { service: serviceKeyOf(serviceId), answer };
        this.#held.add(held);
        this.#node.later(1000 * Number(query.get('wait')), () => {
          if (this.#held.delete(held)) reply({ status: 304, headers: { etag } });
        });
        return;
      }
      const { instances } = table.service(serviceId);
      const service = {
        service_id: serviceId,
        instances: instances.filter(({ status }) => isAny || status === 'up'),
      };
      reply({ status: 200, body: { ...success, service, ...table.position, revision }, headers: { etag } });
    };
    answer();
  }
}
