// A clock that ticks at a steady pace, to a fraction of a millisecond. The timers of Node.js know whole milliseconds
// only, and would add up to two of them to times that are to be below one; asking the time in a circle would take a core
// away from the nodes. So a thread of its own sleeps until each tick.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** Below that, sleeping is not exact enough, and a tick does for several requests. */
const shortestMs = 0.1;

export class Ticker {
  #worker;

  /** Answers once the thread is there: to start one takes as long as many ticks. */
  static async open() {
    const ticker = new Ticker();
    ticker.#worker = new Worker(new URL(import.meta.url), { workerData: { isTicker: true } });
    await once(ticker.#worker, 'message');
    return ticker;
  }

  /**
   * Calls `onTick` every `periodMs` after `startMs`, a time of `performance.now()`, or as often as it can; ends with
   * `stop`. Ticks that lay between what is due would make all of it late by the same part of a period.
   */
  run(startMs, periodMs, onTick) {
    this.#worker.on('message', onTick);
    this.#worker.postMessage({
      startMs: performance.timeOrigin + startMs,
      periodMs: Math.max(periodMs, shortestMs),
    });
  }

  stop() {
    return this.#worker.terminate();
  }
}

function tick({ startMs, periodMs }) {
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  // The clock of each thread begins with the thread.
  const nowMs = () => performance.timeOrigin + performance.now() - startMs;
  for (let count = Math.ceil(nowMs() / periodMs); ; count += 1) {
    const pause = count * periodMs - nowMs();
    if (pause > 0) Atomics.wait(nothing, 0, 0, pause);
    parentPort.postMessage(0);
  }
}

if (!isMainThread && workerData?.isTicker) {
  parentPort.once('message', tick);
  parentPort.postMessage(0);
}
