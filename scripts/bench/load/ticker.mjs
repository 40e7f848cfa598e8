// A clock that ticks at a steady pace, to a fraction of a millisecond. The timers of Node.js know whole milliseconds
// only, and would add up to two of them to times that are to be below one; asking the time in a circle would take a core
// away from the nodes. So a thread of its own sleeps until each tick.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** Below that, sleeping is not exact enough, and a tick does for several requests. */
const shortestMs = 0.1;

/** Calls `onTick` every `periodMs`, or as often as it can; ends with `stop`. */
export function startTicker(periodMs, onTick) {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { periodMs: Math.max(periodMs, shortestMs) },
  });
  worker.on('message', onTick);
  return { stop: () => worker.terminate() };
}

if (!isMainThread && workerData?.periodMs !== undefined) {
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  const start = performance.now();
  for (let count = 1; ; count += 1) {
    const pause = start + count * workerData.periodMs - performance.now();
    if (pause > 0) Atomics.wait(nothing, 0, 0, pause);
    parentPort.postMessage(0);
  }
}
