import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A body, or what makes it of the question. */
type Answer = object | ((asked: never) => unknown) | undefined;

/** Answers as a node does, what a test puts into it. */
export class FakeRegistry {
  readonly #server: Server;
  readonly #answers = new Map<string, Answer>();
  readonly asked: Asked[] = [];
  /** In place of every answer. */
  instead: { readonly status: number; readonly body: string } | undefined;

  #url = '';

  private constructor(readonly name: string) {
    this.#server = createServer((request, response) => {
      void text(request).then((body) => {
        const { pathname, searchParams } = new URL(request.url ?? '/', 'http://node');
        const asked: Asked = {
          method: request.method ?? '',
          path: pathname,
          query: Object.fromEntries(searchParams),
          body: body === '' ? undefined : (JSON.parse(body) as unknown),
        };
        this.asked.push(asked);
        const { status, body: told } = this.instead ?? this.#answerTo(asked);
        response
          .writeHead(status, { 'content-type': 'application/json', 'x-artemis-node': this.name })
          .end(told);
      });
    });
  }

  static async start(name = 'node1'): Promise<FakeRegistry> {
    const registry = new FakeRegistry(name);
    registry.#server.listen(0, '127.0.0.1');
    await once(registry.#server, 'listening');
    registry.#url = `http://127.0.0.1:${(registry.#server.address() as AddressInfo).port}`;
    registry.answer('/api/status/node.json', { region: 'local', zone: 'zone1' });
    return registry;
  }

  get url(): string {
    return this.#url;
  }

  answer(path: string, answer: Answer): void {
    this.#answers.set(path, answer);
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answerTo(asked: Asked): { readonly status: number; readonly body: string } {
    const answer = this.#answers.get(asked.path);
    if (answer === undefined) {
      const unknown = { response_status: { error_code: 'data-not-found', error_message: 'unknown path' } };
      return { status: 404, body: JSON.stringify(unknown) };
    }
    const body: unknown =
      typeof answer === 'function' ? (answer as (asked: Asked) => unknown)(asked) : answer;
    return { status: 200, body: JSON.stringify(body) };
  }
}

const success = { error_code: 'success' };

interface Sample {
  readonly instance_id: string;
  readonly status?: string;
  readonly zone_id?: string;
  readonly group_id?: string;
  readonly unconfirmed?: boolean;
  /** Left out of discovery, as a node does with those that it cannot vouch for much too long. */
  readonly hidden?: boolean;
}

/** Makes it know one service. */
export function offer(registry: FakeRegistry, serviceId: string, samples: readonly Sample[]): void {
  const instances = samples.map((sample, index) => ({
    region_id: 'local',
    zone_id: 'zone1',
    service_id: serviceId,
    ip: '10.0.0.1',
    port: 9000 + index,
    url: `http://10.0.0.1:${9000 + index}`,
    status: 'up',
    ...sample,
    hidden: undefined,
  }));
  const shown = instances.filter((_instance, index) => samples[index]?.hidden !== true);
  registry.answer('/api/discovery/service.json', ({ body }: Asked) => {
    const { discovery_config: config } = body as { discovery_config: { service_id: string } };
    return config.service_id.toLowerCase() === serviceId.toLowerCase()
      ? {
          response_status: success,
          service: { service_id: serviceId, instances: shown },
          revision: 7,
          log_id: 'n#1',
        }
      : {
          response_status: { error_code: 'bad-request', error_message: 'unknown service' },
          revision: 7,
          log_id: 'n#1',
        };
  });
  registry.answer('/api/discovery/services.json', {
    response_status: success,
    services: [{ service_id: serviceId, instances: shown.filter(({ status }) => status === 'up') }],
  });
  const leases = instances.map(({ region_id, zone_id, group_id = '', instance_id }, index) => ({
    instance_key: { region_id, zone_id, service_id: serviceId, group_id, instance_id },
    owner: registry.name,
    ttl_ms: 30_000,
    age_ms: 12_000,
    remaining_ms: 18_000,
    state: samples[index]?.hidden === true ? 'hidden' : 'listed',
  }));
  registry.answer('/api/status/leases.json', ({ query }: Asked) => ({
    services:
      query['service_id']?.toLowerCase() === serviceId.toLowerCase()
        ? [{ service_id: serviceId, leases }]
        : [],
  }));
}
