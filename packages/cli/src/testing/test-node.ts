import type { Logger } from '@artemis/core';
import type { ConfigOverrides } from '@artemis/core/config';
import { createNode, systemRuntime, type ArtemisNode } from '@artemis/server';
import { Place } from './place.js';

/** A node of a test cluster. Its place stays the same; what runs there is another node after each restart. */
export interface TestNode {
  readonly nodeId: string;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Of the present run, or the last one. */
  readonly node: ArtemisNode;
  /** Whether it serves just now. */
  readonly running: boolean;
  /** Leaves as on SIGTERM: takes no more writes, hands over what waits for the others, ends. */
  stop(): Promise<void>;
  /** Is gone as after SIGKILL: nobody is told, and connections break. */
  kill(): Promise<void>;
  /** Begins again at the same address with an empty store, after {@link stop} unless it has ended. Resolves when ready. */
  restart(): Promise<void>;
}

/** One run of a node: from the port to its end. */
interface Run {
  readonly node: ArtemisNode;
  readonly place: Place;
  ended: Promise<void> | undefined;
}

interface ServedNodeOptions {
  readonly nodeId: string;
  readonly place: Place;
  readonly config: ConfigOverrides;
  readonly logger: Logger;
}

export class ServedNode implements TestNode {
  readonly nodeId: string;
  readonly url: string;
  readonly #options: ServedNodeOptions;
  #run: Run;

  constructor(options: ServedNodeOptions) {
    this.#options = options;
    this.nodeId = options.nodeId;
    this.url = `http://${options.place.address}`;
    this.#run = this.#build(options.place);
  }

  get node(): ArtemisNode {
    return this.#run.node;
  }

  get running(): boolean {
    return this.#run.ended === undefined;
  }

  stop(): Promise<void> {
    return this.#end(async ({ node, place }) => {
      await node.drain();
      await place.leave(node.config.server.drainTimeoutMs);
      await node.stop();
    });
  }

  kill(): Promise<void> {
    return this.#end(async ({ node, place }) => {
      await Promise.all([place.break(), node.stop()]);
    });
  }

  async restart(): Promise<void> {
    await this.stop();
    this.#run = this.#build(await Place.take(this.#options.place.port));
    await this.node.start();
    await this.node.ready();
  }

  #build(place: Place): Run {
    const { config, logger } = this.#options;
    const node = createNode(config, systemRuntime(config, logger));
    place.serve(node);
    return { node, place, ended: undefined };
  }

  /** The first way to end a run is the one that counts. */
  #end(how: (run: Run) => Promise<void>): Promise<void> {
    this.#run.ended ??= how(this.#run);
    return this.#run.ended;
  }
}
