import { upNodesResponseSchema, type Cancel } from '@artemis/core';
import type { ClientContext } from '../client-context.js';
import { requireServed, type HttpApi } from '../transport/http-api.js';
import type { ListedNode, NodeList } from './node-list.js';

/** Asks the cluster for its nodes now and then. */
export class NodeRefresher {
  readonly #context: ClientContext;
  readonly #api: HttpApi;
  readonly #nodes: NodeList;
  readonly #intervalMs: number;
  readonly #changed: () => void;
  #timer: Cancel = () => undefined;
  #isAsking = false;
  #isStopped = false;
  /** Monotonic; of the last answer. */
  #askedMs = -Infinity;

  /**
   * @param intervalMs 0: never asks
   * @param changed told when there are other nodes than before
   */
  constructor(
    context: ClientContext,
    api: HttpApi,
    nodes: NodeList,
    intervalMs: number,
    changed: () => void,
  ) {
    this.#context = context;
    this.#api = api;
    this.#nodes = nodes;
    this.#intervalMs = intervalMs;
    this.#changed = changed;
  }

  /** A node has answered, so that it can be asked; does nothing when the last answer is young enough. */
  heard(node: string): void {
    const ageMs = this.#context.environment.clock.monotonicMs() - this.#askedMs;
    if (this.#intervalMs > 0 && ageMs >= this.#intervalMs && !this.#isStopped) void this.#ask(node);
  }

  /** Asks a node from here on, until another is named or it is stopped. */
  follow(node: () => string | undefined): void {
    this.#timer();
    if (this.#intervalMs === 0 || this.#isStopped) return;
    const { scheduler, random } = this.#context.environment;
    this.#timer = scheduler.after(this.#intervalMs * (1 + random.next() / 10), () => {
      const url = node();
      if (url !== undefined) this.heard(url);
      this.follow(node);
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer();
  }

  async #ask(node: string): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const [discovery, registry] = await Promise.all([
        this.#list(node, '/api/cluster/up-discovery-nodes.json'),
        this.#list(node, '/api/cluster/up-registry-nodes.json'),
      ]);
      if (this.#isStopped) return;
      this.#askedMs = this.#context.environment.clock.monotonicMs();
      const both = discovery.filter(({ url }) => registry.some((other) => other.url === url));
      const nodes = both.length > 0 ? both : [...discovery, ...registry];
      // A node that lists none cannot know: those that are known stay.
      if (nodes.length > 0 && this.#nodes.update(nodes)) this.#changed();
    } catch (error) {
      this.#context.logger.debug(`${node} did not list the nodes`, { error: String(error) });
    } finally {
      this.#isAsking = false;
    }
  }

  async #list(node: string, path: string): Promise<ListedNode[]> {
    const { body } = await this.#api.call(node, {
      method: 'POST',
      path,
      body: {},
      schema: upNodesResponseSchema,
    });
    if (body === undefined) return [];
    requireServed(node, body.response_status);
    return body.nodes.map(({ url, zone }) => ({ url, region: zone.region_id, zone: zone.zone_id }));
  }
}
