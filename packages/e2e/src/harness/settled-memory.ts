import { once } from 'node:events';
import { WebSocket } from 'ws';
import { eventually } from './eventually.js';
import type { NodeProcess } from './node-process.js';

const mebibyte = 1024 * 1024;
const listening = /Debugger listening on (ws:\/\/\S+)/g;

/** MiB. */
export interface SettledMemory {
  readonly resident: number;
  /** Of objects that are in use; garbage is collected. */
  readonly heap: number;
  /** Of buffers, which are no objects. */
  readonly external: number;
}

/** What a node holds on to: it is asked, as by a debugger, to collect its garbage first. */
export async function settledMemory(node: NodeProcess): Promise<SettledMemory> {
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
  const inspector = new WebSocket(url);
  try {
    await once(inspector, 'open');
    // The second time takes what finalizers of the first have let go.
    for (const id of [1, 2]) {
      inspector.send(JSON.stringify({ id, method: 'HeapProfiler.collectGarbage' }));
      await once(inspector, 'message');
    }
  } finally {
    inspector.terminate();
  }
  const metrics = await node.api.metrics();
  const inMebibytes = (name: string): number => Math.round(metrics.sum(name) / mebibyte);
  return {
    resident: inMebibytes('process_resident_memory_bytes'),
    heap: inMebibytes('nodejs_heap_size_used_bytes'),
    external: inMebibytes('nodejs_external_memory_bytes'),
  };
}
