import { delay, discoverServiceResponseSchema } from '@artemis/core';
import type { ClientContext } from '../client-context.js';
import type { DiscoveredInstance } from '../discovered-instance.js';
import { toDiscovered } from './discovered.js';
import { requireServed, type HttpApi } from './http-api.js';

/** How long a node holds a question whose answer has not changed: below what proxies allow a request. */
const holdSecs = 25;
/** Between two questions that the node does not hold: one that it cannot, or one about an unknown service. */
const spacingMs = 2_000;
/** Between two answers that differ, so that a service that never rests does not take all the time. */
const restMs = 100;

export interface ServicePollListener {
  snapshot(instances: readonly DiscoveredInstance[]): void;
  unchanged(): void;
  failed(error: unknown): void;
}

/** Watches one service by long polls, until it fails or is stopped. */
export class ServicePoll {
  readonly #context: ClientContext;
  readonly #api: HttpApi;
  readonly #node: string;
  readonly #serviceId: string;
  readonly #listener: ServicePollListener;
  readonly #end = new AbortController();
  #etag: string | undefined;

  constructor(
    context: ClientContext,
    api: HttpApi,
    node: string,
    serviceId: string,
    listener: ServicePollListener,
  ) {
    this.#context = context;
    this.#api = api;
    this.#node = node;
    this.#serviceId = serviceId;
    this.#listener = listener;
  }

  start(): void {
    this.#run().catch((error: unknown) => {
      if (!this.#isOver) this.#listener.failed(error);
    });
  }

  stop(): void {
    this.#end.abort();
  }

  get #isOver(): boolean {
    return this.#end.signal.aborted;
  }

  async #run(): Promise<void> {
    const { clock, scheduler } = this.#context.environment;
    while (!this.#isOver) {
      const startMs = clock.monotonicMs();
      const hasChanged = await this.#ask();
      const pauseMs = hasChanged && this.#etag !== undefined ? restMs : spacingMs;
      const restingMs = pauseMs - (clock.monotonicMs() - startMs);
      if (restingMs > 0) await delay(scheduler, restingMs);
    }
  }

  /** Answers whether something came that was not known. */
  async #ask(): Promise<boolean> {
    const { requestTimeoutMs, region, zone } = this.#context;
    const isHeld = this.#etag !== undefined;
    const query = new URLSearchParams({ service_id: this.#serviceId, status: 'any' });
    if (region !== undefined) query.set('region_id', region);
    if (zone !== undefined) query.set('zone_id', zone);
    if (isHeld) query.set('wait', String(holdSecs));
    const { body, etag } = await this.#api.call(this.#node, {
      method: 'GET',
      path: `/api/discovery/service.json?${query.toString()}`,
      schema: discoverServiceResponseSchema,
      headers: this.#etag === undefined ? {} : { 'If-None-Match': this.#etag },
      timeoutMs: (isHeld ? holdSecs * 1000 : 0) + requestTimeoutMs,
      signal: this.#end.signal,
    });
    if (this.#isOver) return false;
    if (body === undefined) {
      this.#listener.unchanged();
      return false;
    }
    requireServed(this.#node, body.response_status);
    this.#etag = etag;
    // A service that is unknown has no instances, and no ETag.
    this.#listener.snapshot((body.service?.instances ?? []).map(toDiscovered));
    return true;
  }
}
