// One change of a service that thousands watch: how long until the last of them has it, against a bare `ws` server that
// does nothing but write the same text to as many. Alternating, in one run:
//   npm run bench:fan-out [WATCHERS=5000] [ROUNDS=30]
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, freePort, instance, median, millis, numbers, percentiles, run, until } from './harness.mjs';
import { openClients, pin, startScript } from './push-client.mjs';

const [watchers, rounds] = numbers('bench:fan-out [WATCHERS] [ROUNDS]', [5000, 30]);
const warmUps = 5;
const limit = 1.15;
const pauseMs = 100;

/** As many clients of one server, which wait for the same change. */
class Audience {
  #seen = new Set();
  #marker = '';
  #subscribed = 0;
  #last;
  times = [];
  bytes = 0;

  constructor(name, port) {
    this.name = name;
    this.port = port;
  }

  async open() {
    this.clients = await openClients(watchers, {
      port: this.port,
      onText: (bytes, number) => this.#take(bytes, number),
      start: (client) => client.send({ type: 'subscribe', service_id: 'service-0' }),
    });
    await until(async () => this.#subscribed === watchers, `${watchers} watchers of ${this.name}`);
  }

  /** Changes the service, and answers when the last one has been told. */
  async round(number, { counts }) {
    this.#marker = `round ${number}.`;
    this.#seen.clear();
    const changed = { ...instance(0, { services: 1 }), metadata: { version: this.#marker } };
    const text = { instances: [changed] };
    const everybody = new Promise((resolve) => (this.#last = resolve));
    const start = performance.now();
    const answered = ask(this.port, 'POST', '/api/registry/register.json', text);
    const end = await within(everybody, () => `${this.#seen.size} of ${watchers} watchers of ${this.name}`);
    await answered;
    if (counts) this.times.push(end - start);
  }

  #take(bytes, number) {
    if (this.#marker === '') {
      this.#subscribed += 1;
      return;
    }
    if (bytes.indexOf(this.#marker, 0, 'latin1') < 0) return;
    this.bytes = bytes.length;
    this.#seen.add(number);
    if (this.#seen.size === watchers) this.#last(performance.now());
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

await run(async (stage) => {
  const node = await stage.node('node1', await freePort(), [], {
    push: ['ping_interval_secs = 60', 'idle_timeout_secs = 600'],
  });
  node.start();
  await node.ready();
  const bare = await startScript(stage, 'bare-push.mjs');
  // The load has one core, the server that is asked the other one.
  pin(process.pid, 0);
  pin(node.process.pid, 1);
  pin(bare.process.pid, 1);
  const audiences = [new Audience('Artemis', node.port), new Audience('a bare ws server', bare.port)];
  for (const audience of audiences) await audience.open();
  for (let number = 0; number < warmUps + rounds; number += 1) {
    // Who comes first changes, too.
    for (const audience of number % 2 === 0 ? audiences : audiences.toReversed()) {
      await audience.round(number, { counts: number >= warmUps });
      await sleep(pauseMs);
    }
  }
  for (const { name, times, bytes } of audiences) {
    const { p50, p99, max } = percentiles(times);
    console.log(
      `${name}: last of ${watchers} watchers after ${millis(p50)} (p50), ${millis(p99)} (p99), ` +
        `${millis(Math.min(...times))} to ${millis(max)}; ${rounds} rounds, ${bytes} bytes each`,
    );
  }
  const [ours, theirs] = audiences.map(({ times }) => times);
  const ratio = median(ours) / median(theirs);
  const perRound = median(ours.map((time, index) => time / theirs[index]));
  console.log(
    `ratio ${ratio.toFixed(2)} of the medians, ${perRound.toFixed(2)} in the median round (limit ${limit}, aim 1.0)`,
  );
});
