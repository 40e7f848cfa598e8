// What clients at a node notice of something that happens to it: heartbeats at a steady pace, as long as it takes. They
// come from a process of their own (beater.mjs), since everything else that a bench does would hold them up.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { figure } from '../figures.mjs';
import { goFirst, startOn } from '../processes.mjs';
import { median } from '../statistics.mjs';

const program = fileURLToPath(new URL('beater.mjs', import.meta.url));
/** Of {@link noticed}, for the long and the short form of a row, beside the heartbeats of all clients in a second. */
export const noticedSizes = {
  long: { warm_ms: 5000, warm_rounds: 8, beat_rounds: 8, calm_ms: 2000 },
  short: { warm_ms: 1000, warm_rounds: 1, beat_rounds: 1, calm_ms: 500 },
};
/** For whoever looks whether a task has ended: rarely, since clients would notice that too. */
export const unnoticed = { everyMs: 100 };

/** The process that sends heartbeats of the first so many instances in turn. */
class Beater {
  #process;
  #failed;

  /** Answers when they are on their way, to a node that has been warmed up with them. */
  static async start(port, instances, sizes) {
    const beater = new Beater();
    const args = [port, instances, sizes.beats_per_sec, sizes.warm_ms].map(String);
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc'];
    beater.#process = startOn('load', ['--single-threaded', program, ...args], { stdio });
    beater.#failed = once(beater.#process, 'exit').then(() => Promise.reject(new Error('heartbeats failed')));
    // Told to who waits for an answer.
    beater.#failed.catch(() => undefined);
    await beater.#answer();
    goFirst(beater.#process);
    return beater;
  }

  /** From now on they count for a round of this part, `before` or `meanwhile`, or for none. */
  countFor(part) {
    return this.#ask({ part });
  }

  /** The percentiles of each round of both parts. */
  result() {
    return this.#ask({ result: true });
  }

  stop() {
    this.#process.kill();
  }

  #ask(question) {
    // That nobody is there to be asked, the answer tells.
    this.#process.send(question, () => undefined);
    return this.#answer();
  }

  async #answer() {
    const [answer] = await Promise.race([once(this.#process, 'message'), this.#failed]);
    return answer;
  }
}

/**
 * The times of heartbeats at the node of this port, over several rounds: while nothing else happens, and during the task.
 * That is told by `begins()` when what it is about begins, and which round it is. The first `warm_rounds` do not count.
 */
export async function noticed({ port, instances, sizes }, task) {
  const { warm_rounds: warmRounds, beat_rounds: beatRounds, calm_ms: calmMs } = sizes;
  const beater = await Beater.start(port, instances, sizes);
  try {
    for (let count = 1; count <= warmRounds + beatRounds; count += 1) {
      const countFor = (part) => beater.countFor(count > warmRounds ? part : undefined);
      await countFor('before');
      await sleep(calmMs);
      await countFor(undefined);
      await task(() => countFor('meanwhile'), count);
      await countFor(undefined);
    }
    return await beater.result();
  } finally {
    beater.stop();
  }
}

/**
 * Of several rounds of {@link noticed}, the median of what each had: in one of many the whole heap is collected, which
 * says nothing of the others.
 */
export function noticedFigures(name, { before, meanwhile }) {
  const middle = (rounds, percentile) => median(rounds.map((round) => round[percentile]));
  const worst = (rounds, percentile) => Math.max(...rounds.map((round) => round[percentile]));
  const ratio = middle(meanwhile, 'p99') / middle(before, 'p99');
  return [
    figure(`${name} before: p99`, middle(before, 'p99'), 'ms'),
    figure(`${name} before: p99, worst round`, worst(before, 'p99'), 'ms'),
    figure(`${name} meanwhile: p50`, middle(meanwhile, 'p50'), 'ms'),
    figure(`${name} meanwhile: p99`, middle(meanwhile, 'p99'), 'ms'),
    figure(`${name} meanwhile: p99, worst round`, worst(meanwhile, 'p99'), 'ms'),
    figure(`${name} meanwhile: max`, worst(meanwhile, 'max'), 'ms'),
    figure(`${name} p99 meanwhile, of that before`, ratio, 'x', { must: 1.3 }),
  ];
}
