import { Inspector } from './inspector.js';
import type { NodeProcess } from './node-process.js';

const mebibyte = 1024 * 1024;

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
  await Inspector.of(node, (inspector) => inspector.collectGarbage());
  const metrics = await node.api.metrics();
  const inMebibytes = (name: string): number => Math.round(metrics.sum(name) / mebibyte);
  return {
    resident: inMebibytes('process_resident_memory_bytes'),
    heap: inMebibytes('nodejs_heap_size_used_bytes'),
    external: inMebibytes('nodejs_external_memory_bytes'),
  };
}
