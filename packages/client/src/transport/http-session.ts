import { keysResponseSchema, registerResponseSchema, type Cancel } from '@artemis/core';
import type { ClientContext } from '../client-context.js';
import { requireServed, type HttpApi } from './http-api.js';
import { NodeFailure } from './node-failure.js';
import { AllPoll } from './all-poll.js';
import { ServicePoll } from './service-poll.js';
import type { LeaseRequest, LeaseResult, Position, Session, SessionEnd, SessionListener } from './session.js';

/** A conversation by HTTP: leases by requests, watches by long polls, one for each service. */
export class HttpSession implements Session {
  readonly node: string;
  readonly transport = 'http';
  readonly #context: ClientContext;
  readonly #api: HttpApi;
  readonly #listener: SessionListener;
  readonly #polls = new Map<string, { stop: Cancel }>();
  #isOver = false;

  constructor(context: ClientContext, api: HttpApi, node: string, listener: SessionListener) {
    this.#context = context;
    this.#api = api;
    this.node = node;
    this.#listener = listener;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  async request({ type, ...body }: LeaseRequest): Promise<LeaseResult> {
    if (this.#isOver) throw new NodeFailure(`the session with ${this.node} is over`);
    const call = { method: 'POST', path: `/api/registry/${type}.json`, body, isWrite: true } as const;
    const answer =
      type === 'register'
        ? (await this.#api.call(this.node, { ...call, schema: registerResponseSchema })).body
        : (await this.#api.call(this.node, { ...call, schema: keysResponseSchema })).body;
    if (answer === undefined) throw new NodeFailure(`${this.node} gave no answer`);
    requireServed(this.node, answer.response_status);
    return {
      status: answer.response_status,
      failedInstances: 'failed_instances' in answer ? (answer.failed_instances ?? []) : [],
      failedKeys: 'failed_instance_keys' in answer ? (answer.failed_instance_keys ?? []) : [],
    };
  }

  /** A poll cannot resume: the first answer is always a snapshot. */
  watch(serviceId: string): void {
    if (this.#isOver) return;
    this.unwatch(serviceId);
    const poll = new ServicePoll(this.#context, this.#api, this.node, serviceId, {
      snapshot: (instances) => this.#listener.snapshot(serviceId, instances, undefined),
      unchanged: () => this.#listener.resumed(serviceId),
      failed: (error) => this.#failed(error),
    });
    this.#polls.set(serviceId, poll);
    poll.start();
  }

  unwatch(serviceId: string): void {
    this.#polls.get(serviceId)?.stop();
    this.#polls.delete(serviceId);
  }

  watchAll(since: Position | undefined): void {
    if (this.#isOver) return;
    const poll = new AllPoll(this.#context, this.#api, this.node, this.#listener, (error) =>
      this.#failed(error),
    );
    this.#polls.set('', poll);
    poll.start(since);
  }

  fail(end: SessionEnd): void {
    if (this.#isOver) return;
    this.close();
    this.#listener.ended(end);
  }

  retire(): void {
    this.close();
  }

  close(): void {
    this.#isOver = true;
    for (const poll of this.#polls.values()) poll.stop();
    this.#polls.clear();
  }

  #failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const retryAfterMs = error instanceof NodeFailure ? error.retryAfterMs : undefined;
    this.fail({ reason, retryAfterMs });
  }
}
