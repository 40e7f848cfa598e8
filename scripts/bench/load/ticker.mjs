// A clock that ticks at a steady pace, to a fraction of a millisecond. The timers of Node.js know whole milliseconds
// only, and would add up to two of them to times that are to be below one; asking the time in a circle would take a core
// away from the nodes. So a thread of its own sleeps until each tick.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** Below that, sleeping is not exact enough, and a tick does for several requests. */
const shortestMs = 0.1;

/**
 * Calls `onTick` every `periodMs` after `startMs`, a time of `performance.now()`, or as often as it can; ends with `stop`.
 * Ticks that lay between what is due would make all of it late by the same part of a period.
 */
export function startTicker(startMs, periodMs, onTick) {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: {
      startMs: performance.timeOrigin + startMs,
      periodMs: Math.max(periodMs, shortestMs),
    },
  });
  worker.on('message', onTick);
  return { stop: () => worker.terminate() };
}

if (!isMainThread && workerData?.periodMs !== undefined) {
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  const { startMs, periodMs } = workerData;
  // The clock of each thread begins with the thread.
  const nowMs = () => performance.timeOrigin + performance.now() - startMs;
  for (let count = Math.ceil(nowMs() / periodMs); ; count += 1) {
    const pause = count * periodMs - nowMs();
    if (pause > 0) Atomics.wait(nothing, 0, 0, pause);
    parentPort.postMessage(0);
  }
}
