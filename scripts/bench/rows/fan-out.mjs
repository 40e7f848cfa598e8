// Row 7: one change of a service that thousands watch: how long until the last of them has it, beside a bare `ws` server
// that does nothing but write the same text to as many.
import { setTimeout as sleep } from 'node:timers/promises';
import { alternating } from '../contender.mjs';
import { figure } from '../figures.mjs';
import { openClients } from '../load/push-client.mjs';
import { instance, paths, ask, until } from '../node-client.mjs';
import { median } from '../statistics.mjs';

const warmUps = 5;
const pauseMs = 100;

/** As many clients of one server, which wait for the same change. */
export class Audience {
  #seen = new Set();
  #marker = '';
  #subscribed = 0;
  #last;
  #clients = [];
  times = [];
  bytes = 0;

  constructor(name, port, watchers) {
    this.name = name;
    this.port = port;
    this.watchers = watchers;
  }

  async open() {
    this.#clients = await openClients(this.watchers, {
      port: this.port,
      onText: (bytes, number) => this.#take(bytes, number),
      start: (client) => client.send({ type: 'subscribe', service_id: 'service-0' }),
    });
    await until(async () => this.#subscribed === this.watchers, `${this.watchers} watchers of ${this.name}`);
  }

  /** Changes the service, and answers when the last one has been told. */
  async round(number, { counts }) {
    this.#marker = `round ${number}.`;
    this.#seen.clear();
    const changed = { ...instance(0, { services: 1 }), metadata: { version: this.#marker } };
    const text = { instances: [changed] };
    const everybody = new Promise((resolve) => (this.#last = resolve));
    const start = performance.now();
    const answered = ask(this.port, 'POST', paths.register, text);
    const end = await within(
      everybody,
      () => `${this.#seen.size} of ${this.watchers} watchers of ${this.name}`,
    );
    await answered;
    if (counts) this.times.push(end - start);
  }

  close() {
    for (const client of this.#clients) client.close();
  }

  #take(bytes, number) {
    if (this.#marker === '') {
      this.#subscribed += 1;
      return;
    }
    if (bytes.indexOf(this.#marker, 0, 'latin1') < 0) return;
    this.bytes = bytes.length;
    this.#seen.add(number);
    if (this.#seen.size === this.watchers) this.#last(performance.now());
  }
}

async function within(task, what) {
  const stop = new AbortController();
  const late = sleep(60_000, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`not within a minute: the change has reached only ${what()}`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([task, late]);
  } finally {
    stop.abort();
  }
}

/** A node to which so many watchers can stay connected without being asked for a sign of life. */
export const patient = { push: ['ping_interval_secs = 60', 'idle_timeout_secs = 600'] };

/** So many rounds, after those that warm up; answers the median times of the audiences. */
export async function race(audiences, rounds) {
  for (const audience of audiences) await audience.open();
  let number = 0;
  await alternating(warmUps + rounds, audiences, async (audience, round) => {
    number += 1;
    await audience.round(number, { counts: round >= warmUps });
    await sleep(pauseMs);
  });
  for (const audience of audiences) audience.close();
}

export const fanOut = {
  row: 7,
  name: 'fan-out',
  title: 'one change to everybody who watches the service, until the last one has it',
  sizes: {
    long: { watchers: 5000, rounds: 30 },
    short: { watchers: 500, rounds: 10 },
  },
  async run({ stage, sizes }) {
    const { watchers, rounds } = sizes;
    const node = await stage.single({ place: 'server', settings: patient });
    const bare = await stage.script('bare/push.mjs');
    const audiences = [
      new Audience('Artemis', node.port, watchers),
      new Audience('a bare ws server', bare.port, watchers),
    ];
    await race(audiences, rounds);
    const [ours, theirs] = audiences.map(({ times }) => times);
    return [
      ...audiences.flatMap(({ name, times, bytes }) => [
        figure(`${name}: last delivery, median`, median(times), 'ms'),
        figure(`${name}: last delivery, fastest`, Math.min(...times), 'ms'),
        figure(`${name}: last delivery, slowest`, Math.max(...times), 'ms'),
        figure(`${name}: bytes of the message`, bytes, 'B'),
      ]),
      figure('ratio of the medians', median(ours) / median(theirs), 'x', { must: 1.15, aim: 1 }),
      figure('ratio in the median round', median(ours.map((time, at) => time / theirs[at])), 'x'),
    ];
  },
};
