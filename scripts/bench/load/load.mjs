// The load on one server: connections that are kept, over which requests go as fast as they are answered, to find out
// what a server can do, or at a steady pace whatever the answers do, to find out how long it takes.
import { setTimeout as sleep } from 'node:timers/promises';
import { Latencies } from '../statistics.mjs';
import { RawConnection } from './raw-connection.mjs';
import { Ticker } from './ticker.mjs';

const answerLimitMs = 60_000;
/** Until the first one is due: the order to tick is with the ticker by then. */
const leadMs = 10;

export class Load {
  #connections = [];
  #failure;
  #expected;

  /** `bodyBytes`: the length of a good answer, when all have the same; any other one fails the bench. */
  static async open(port, connections, { bodyBytes } = {}) {
    const load = new Load();
    load.#expected = bodyBytes;
    for (let count = 0; count < connections; count += 1)
      load.#connections.push(new RawConnection(port, (error) => (load.#failure ??= error)));
    await Promise.all(load.#connections.map((connection) => connection.opened()));
    return load;
  }

  close() {
    for (const connection of this.#connections) connection.close();
  }

  /** Sends each of these once, as fast as it goes. */
  async all(requests) {
    const rest = [...requests];
    const ends = this.#connections.map(
      (connection) =>
        new Promise((resolve) => {
          const next = () => {
            if (rest.length === 0) resolve();
            else
              connection.send(rest.shift(), (status, bodyBytes) => {
                this.#check(status, bodyBytes);
                next();
              });
          };
          next();
        }),
    );
    await this.#within(Promise.all(ends));
  }

  /** Each connection asks again when it is answered, for so long; answers how many were answered per second. */
  async closed(lengthMs, next) {
    let answered = 0;
    let isRunning = true;
    const start = performance.now();
    const ends = this.#connections.map(
      (connection) =>
        new Promise((resolve) => {
          const again = (status, bodyBytes) => {
            this.#check(status, bodyBytes);
            answered += 1;
            if (isRunning) connection.send(next(), again);
            else resolve();
          };
          connection.send(next(), again);
        }),
    );
    await this.#sleep(lengthMs).finally(() => (isRunning = false));
    await this.#within(Promise.all(ends));
    const seconds = (performance.now() - start) / 1000;
    return { answered, seconds, perSecond: answered / seconds };
  }

  /**
   * Requests that are due at a steady pace, for so long; `next` is told when. Each is timed from when it was due, also when
   * it had to wait for a free connection: a server that stalls cannot hide it by holding up the next request. `late` is
   * what the load itself was late by, and is part of the times. `started` is called when the first ones are about to be
   * due.
   */
  async paced(lengthMs, perSecond, next, { latencies = new Latencies(), started = () => undefined } = {}) {
    const late = new Latencies();
    const idle = [...this.#connections];
    const waiting = [];
    const total = Math.round((lengthMs / 1000) * perSecond);
    let sent = 0;
    let answered = 0;
    let isOver = false;
    const ticker = await Ticker.open();
    const start = performance.now() + leadMs;
    const dueMs = (count) => start + (count * 1000) / perSecond;
    started();
    await this.#within(
      new Promise((resolve) => {
        const send = (connection, due) =>
          connection.send(next(due), (status, bodyBytes) => {
            this.#check(status, bodyBytes);
            latencies.record(performance.now() - due);
            answered += 1;
            if (waiting.length === 0) idle.push(connection);
            else send(connection, waiting.shift());
            if (isOver && answered === sent) resolve();
          });
        ticker.run(start, 1000 / perSecond, () => {
          if (isOver) return;
          const nowMs = performance.now();
          for (; sent < total && dueMs(sent) <= nowMs; sent += 1) {
            late.record(nowMs - dueMs(sent));
            if (idle.length === 0) waiting.push(dueMs(sent));
            else send(idle.shift(), dueMs(sent));
          }
          isOver = sent === total;
          if (isOver && answered === sent) resolve();
        });
      }),
      lengthMs + answerLimitMs,
    ).finally(() => ticker.stop());
    return { latencies, late, count: sent };
  }

  #check(status, bodyBytes) {
    if (status !== 200) this.#failure ??= new Error(`the server answers HTTP ${status}`);
    else if (this.#expected !== undefined && bodyBytes !== undefined && bodyBytes !== this.#expected)
      this.#failure ??= new Error(`an answer of ${bodyBytes} bytes where ${this.#expected} are right`);
  }

  async #sleep(lengthMs) {
    const end = performance.now() + lengthMs;
    while (performance.now() < end && this.#failure === undefined)
      await sleep(Math.min(100, end - performance.now()));
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits for the answers, and ends early when something has failed. */
  async #within(answers, limitMs = answerLimitMs) {
    let isDone = false;
    const done = answers.finally(() => (isDone = true));
    const deadline = performance.now() + limitMs;
    while (!isDone && this.#failure === undefined && performance.now() < deadline)
      await Promise.race([done, sleep(100)]);
    if (this.#failure !== undefined) throw this.#failure;
    if (!isDone) throw new Error(`the server has not answered everything within ${limitMs} ms`);
  }
}
