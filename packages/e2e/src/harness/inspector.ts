import { once } from 'node:events';
import { WebSocket } from 'ws';
import { eventually } from './eventually.js';
import type { NodeProcess } from './node-process.js';

const listening = /Debugger listening on (ws:\/\/\S+)/g;

interface InspectorMessage {
  /** Of the call that it answers; an event has none. */
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly chunk?: string };
}

/** The inspector of a node, as debuggers use it. */
export class Inspector {
  readonly #socket: WebSocket;
  #calls = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Opens it for as long as the task takes. */
  static async of<Result>(
    node: NodeProcess,
    task: (inspector: Inspector) => Promise<Result>,
  ): Promise<Result> {
    // Node opens its inspector on this signal, and says where.
    node.signal('SIGUSR1');
    const url = await eventually(
      async () => {
        const found = [...node.log.matchAll(listening)].at(-1)?.[1];
        if (found === undefined) throw new Error(`the inspector of ${node.name} does not listen`);
        return found;
      },
      { within: 30_000 },
    );
    const socket = new WebSocket(url);
    try {
      await once(socket, 'open');
      return await task(new Inspector(socket));
    } finally {
      socket.terminate();
    }
  }

  /** What is not in use any more is gone afterwards. */
  async collectGarbage(): Promise<void> {
    // The second time takes what finalizers of the first have let go.
    for (let time = 0; time < 2; time += 1) await this.#call('HeapProfiler.collectGarbage');
  }

  /** Everything on the heap, as JSON in the form of V8. */
  async heapSnapshot(): Promise<string> {
    const chunks = await this.#call('HeapProfiler.takeHeapSnapshot');
    return chunks.join('');
  }

  /** @returns what came with events until the call was answered */
  #call(method: string): Promise<string[]> {
    this.#calls += 1;
    const id = this.#calls;
    const chunks: string[] = [];
    return new Promise((resolve, reject) => {
      const done = (error?: Error): void => {
        this.#socket.off('message', take).off('close', lost);
        if (error === undefined) resolve(chunks);
        else reject(error);
      };
      const lost = (): void => done(new Error(`the inspector was closed before it answered ${method}`));
      const take = (data: Buffer): void => {
        const message = JSON.parse(data.toString()) as InspectorMessage;
        if (message.params?.chunk !== undefined) chunks.push(message.params.chunk);
        if (message.id === id) done();
      };
      this.#socket.on('message', take).on('close', lost);
      this.#socket.send(JSON.stringify({ id, method }));
    });
  }
}
