// A server under one kind of load. Two of them, Artemis and what it is compared with, take turns within the same run, so
// that both meet the same machine.
import { cpuSeconds } from './node-client.mjs';
import { Latencies, median } from './statistics.mjs';

export class Contender {
  #rates = [];
  #shares = [];
  #p99s = [];
  latencies = new Latencies();
  late = new Latencies();
  cpuSeconds = 0;
  answered = 0;

  /** `next` answers the bytes of the next request; `load` is set when its connections are open. */
  constructor(name, port, next) {
    this.name = name;
    this.port = port;
    this.next = next;
  }

  /** Requests per second, round by round. */
  get rates() {
    return this.#rates;
  }

  /** Of the rounds at a steady pace, in milliseconds. */
  get p99s() {
    return this.#p99s;
  }

  /** Requests per second in the median round. */
  get maximum() {
    return median(this.#rates);
  }

  /** Microseconds of a processor per request. */
  get cpuMicros() {
    return (this.cpuSeconds * 1e6) / this.answered;
  }

  /** Per cent of a core that the server used while it did all it could: below 90, something else held it up. */
  get share() {
    return median(this.#shares);
  }

  /** One round as fast as it goes. */
  async closed(lengthMs, { counts = true } = {}) {
    const before = await cpuSeconds(this.port);
    const { answered, seconds, perSecond } = await this.load.closed(lengthMs, this.next);
    const used = (await cpuSeconds(this.port)) - before;
    if (!counts) return;
    this.#rates.push(perSecond);
    this.#shares.push((100 * used) / seconds);
    this.cpuSeconds += used;
    this.answered += answered;
  }

  /** One round at a steady pace. */
  async paced(lengthMs, perSecond) {
    const latencies = new Latencies();
    const { late } = await this.load.paced(lengthMs, perSecond, this.next, { latencies });
    this.#p99s.push(latencies.percentile(99));
    this.latencies.add(latencies);
    this.late.add(late);
  }
}

/**
 * The first beside the second: in the median of the pairs of rounds that followed each other. A machine that is slower for
 * a while is so for both of a pair.
 */
const ratioOfPairs = (ours, theirs) => median(ours.map((one, round) => one / theirs[round]));

/** How many requests the first answers beside the second. */
export function rateRatio([ours, theirs]) {
  return ratioOfPairs(ours.rates, theirs.rates);
}

/** The p99 of the first beside that of the second. A machine that stops for a while does so in a round of one of them. */
export function p99Ratio([ours, theirs]) {
  return ratioOfPairs(ours.p99s, theirs.p99s);
}

/**
 * How many requests the first answers per second of processor, beside the second: the ratio that remains when something
 * else on the machine has held them up.
 */
export function processorRatio([ours, theirs]) {
  return theirs.cpuMicros / ours.cpuMicros;
}

/** Each in turn, for so many rounds; who comes first changes, too. */
export async function alternating(rounds, contenders, task) {
  for (let round = 0; round < rounds; round += 1)
    for (const one of round % 2 === 0 ? contenders : contenders.toReversed()) await task(one, round);
}
