import type { NodeProcess } from '../harness/node-process.js';

const mebibyte = 1024 * 1024;
const rounds = 12;

/** MiB. */
export interface SettledMemory {
  readonly resident: number;
  /** Of objects that are in use; garbage is collected. */
  readonly heap: number;
}

/**
 * What a node needs once it has collected its garbage. Nobody can ask it to from outside, but it does so when large
 * texts come and go: the least that is seen between them is what it holds on to.
 */
export async function settledMemory({ api }: NodeProcess): Promise<SettledMemory> {
  const raw = Buffer.alloc(7 * mebibyte, ' ');
  const headers = { 'Content-Type': 'application/json' };
  const seen: SettledMemory[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await api.http.ask('POST', '/api/discovery/lookup.json', { raw, headers });
    const metrics = await api.metrics();
    const inMebibytes = (name: string): number => Math.round(metrics.sum(name) / mebibyte);
    seen.push({
      resident: inMebibytes('process_resident_memory_bytes'),
      heap: inMebibytes('nodejs_heap_size_used_bytes'),
    });
  }
  return {
    resident: Math.min(...seen.map(({ resident }) => resident)),
    heap: Math.min(...seen.map(({ heap }) => heap)),
  };
}
