import {
  delay,
  discoverServiceResponseSchema,
  serviceListResponseSchema,
  type DiscoverServiceResponse,
  type ServiceListResponse,
} from '@artemis/core';
import type { InstancesOptions } from '../artemis-client.js';
import type { ClientContext } from '../client-context.js';
import { ClientError } from '../client-error.js';
import type { DiscoveredInstance } from '../discovered-instance.js';
import type { NodeList } from '../nodes/node-list.js';
import type { WaitOptions } from '../options.js';
import { abortable } from '../waiting.js';
import { toDiscovered } from './discovered.js';
import { requireServed, type ApiCall, type HttpApi } from './http-api.js';
import { NodeFailure } from './node-failure.js';

/** A question is put to one node after the other for as many request time-outs. */
const patience = 3;

/** Questions that are asked once, of whatever node answers. */
export class Questions {
  readonly #context: ClientContext;
  readonly #api: HttpApi;
  readonly #nodes: NodeList;
  readonly #answered: (node: string) => void;

  /** @param answered told which node answered */
  constructor(context: ClientContext, api: HttpApi, nodes: NodeList, answered: (node: string) => void) {
    this.#context = context;
    this.#api = api;
    this.#nodes = nodes;
    this.#answered = answered;
  }

  async services({ signal }: WaitOptions): Promise<string[]> {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page: ServiceListResponse = await this.#ask({
        path: '/api/discovery/services.json',
        body: { fields: 'names', ...(cursor === undefined ? {} : { cursor }) },
        schema: serviceListResponseSchema,
        signal,
      });
      ids.push(...page.services.map(({ service_id }) => service_id));
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    return ids;
  }

  async instances(
    serviceId: string,
    { signal, status = 'up' }: InstancesOptions,
  ): Promise<DiscoveredInstance[]> {
    const { region, zone } = this.#context;
    const answer: DiscoverServiceResponse = await this.#ask({
      path: '/api/discovery/service.json',
      body: {
        discovery_config: {
          service_id: serviceId,
          ...(region === undefined ? {} : { region_id: region }),
          ...(zone === undefined ? {} : { zone_id: zone }),
          discovery_data: { status },
        },
      },
      schema: discoverServiceResponseSchema,
      signal,
    });
    // A service that no node knows is one without instances.
    return (answer.service?.instances ?? []).map(toDiscovered);
  }

  /** Asks node after node. Rejects with `unavailable` when none answers in time. */
  async #ask<T extends { response_status: Parameters<typeof requireServed>[1] }>(
    call: Pick<ApiCall<T>, 'path' | 'body' | 'schema' | 'signal'>,
  ): Promise<T> {
    const { environment, requestTimeoutMs } = this.#context;
    const deadlineMs = environment.clock.monotonicMs() + patience * requestTimeoutMs;
    let last: unknown;
    for (;;) {
      const leftMs = deadlineMs - environment.clock.monotonicMs();
      const next = this.#nodes.next();
      if (leftMs <= 0 || ('waitMs' in next && next.waitMs >= leftMs)) {
        const why = last instanceof Error ? last.message : 'all of them failed just now';
        throw new ClientError('unavailable', `no node answered: ${why}`, { cause: last });
      }
      if ('waitMs' in next) {
        await abortable(delay(environment.scheduler, next.waitMs), call.signal);
        continue;
      }
      try {
        const timeoutMs = Math.min(requestTimeoutMs, leftMs);
        const { body } = await this.#api.call(next.url, { ...call, method: 'POST', timeoutMs });
        if (body === undefined) throw new NodeFailure(`${next.url} gave no answer`);
        requireServed(next.url, body.response_status);
        this.#answered(next.url);
        return body;
      } catch (error) {
        if (!(error instanceof NodeFailure)) throw error;
        last = error;
        this.#nodes.failed(next.url, error.retryAfterMs);
      }
    }
  }
}
