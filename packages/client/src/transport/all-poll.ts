import {
  delay,
  lookupResponseSchema,
  serviceKeyOf,
  serviceListResponseSchema,
  servicesDeltaResponseSchema,
} from '@artemis/core';
import type { ClientContext } from '../client-context.js';
import type { InstanceChange } from '../discovered-instance.js';
import { toDiscovered, toInstanceChange } from './discovered.js';
import { requireServed, type ApiCall, type HttpApi } from './http-api.js';
import { NodeFailure } from './node-failure.js';
import type { Position, SessionListener } from './session.js';

/** Between two questions for what has changed. */
const intervalMs = 2_000;
/** Services whose instances are asked for at once. */
const lookupSize = 200;

/** Watches everything by asking for what has changed, until it fails or is stopped. */
export class AllPoll {
  readonly #context: ClientContext;
  readonly #api: HttpApi;
  readonly #node: string;
  readonly #listener: Pick<SessionListener, 'snapshot' | 'changes' | 'allKnown' | 'reloading'>;
  readonly #failed: (error: unknown) => void;
  readonly #end = new AbortController();

  constructor(
    context: ClientContext,
    api: HttpApi,
    node: string,
    listener: Pick<SessionListener, 'snapshot' | 'changes' | 'allKnown' | 'reloading'>,
    failed: (error: unknown) => void,
  ) {
    this.#context = context;
    this.#api = api;
    this.#node = node;
    this.#listener = listener;
    this.#failed = failed;
  }

  start(since: Position | undefined): void {
    this.#run(since).catch((error: unknown) => {
      if (!this.#isOver) this.#failed(error);
    });
  }

  stop(): void {
    this.#end.abort();
  }

  get #isOver(): boolean {
    return this.#end.signal.aborted;
  }

  async #run(since: Position | undefined): Promise<void> {
    let position = since;
    let isFirst = true;
    while (!this.#isOver) {
      const resumed: Position | undefined = position && (await this.#delta(position));
      // What is not told of from here on is gone.
      if (resumed === undefined && !isFirst && !this.#isOver) this.#listener.reloading(undefined);
      position = resumed ?? (await this.#everything());
      if (this.#isOver) return;
      if (isFirst || resumed === undefined) this.#listener.allKnown(position, resumed !== undefined);
      isFirst = false;
      await delay(this.#context.environment.scheduler, intervalMs);
    }
  }

  /** `undefined` when the log does not reach back so far. */
  async #delta({ logId, revision }: Position): Promise<Position | undefined> {
    const answer = await this.#ask({
      path: '/api/discovery/services-delta.json',
      body: { since_revision: revision, log_id: logId },
      schema: servicesDeltaResponseSchema,
    });
    if (answer.response_status.error_code !== 'success') return undefined;
    const position = { logId: answer.log_id, revision: answer.revision };
    const byService = new Map<string, InstanceChange[]>();
    for (const wire of answer.changes) {
      const change = toInstanceChange(wire);
      if (change === undefined) continue;
      const key = serviceKeyOf(change.instance.service_id);
      byService.set(key, [...(byService.get(key) ?? []), change]);
    }
    if (this.#isOver) return position;
    for (const [serviceId, changes] of byService) this.#listener.changes(serviceId, changes, position);
    return position;
  }

  /** What changes meanwhile comes with the delta that follows: the position is that of the beginning. */
  async #everything(): Promise<Position> {
    let position: Position | undefined;
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#ask({
        path: '/api/discovery/services.json',
        body: { fields: 'names', ...(cursor === undefined ? {} : { cursor }) },
        schema: serviceListResponseSchema,
      });
      position ??= { logId: page.log_id, revision: page.revision };
      names.push(...page.services.map(({ service_id }) => service_id));
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    for (let start = 0; start < names.length; start += lookupSize) {
      await this.#lookUp(names.slice(start, start + lookupSize));
    }
    return position;
  }

  async #lookUp(names: readonly string[]): Promise<void> {
    const answer = await this.#ask({
      path: '/api/discovery/lookup.json',
      body: {
        discovery_configs: names.map((service_id) => ({ service_id, discovery_data: { status: 'any' } })),
      },
      schema: lookupResponseSchema,
    });
    if (this.#isOver) return;
    const position = { logId: answer.log_id, revision: answer.revision };
    for (const { service_id, instances } of answer.services ?? []) {
      this.#listener.snapshot(service_id, instances.map(toDiscovered), position);
    }
  }

  async #ask<T extends { response_status: Parameters<typeof requireServed>[1] }>(
    call: Pick<ApiCall<T>, 'path' | 'body' | 'schema'>,
  ): Promise<T> {
    const { body } = await this.#api.call(this.#node, { ...call, method: 'POST', signal: this.#end.signal });
    if (body === undefined) throw new NodeFailure(`${this.#node} gave no answer`);
    requireServed(this.#node, body.response_status);
    return body;
  }
}
