// How long from a register on one node until watchers on another node are told, while many things change and many
// watch; against two bare processes, one of which hands on to the other over a WebSocket what it is posted:
//   npm run bench:propagation [CHANGES_PER_S=500] [WATCHERS=2000] [ROUNDS=5]
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ask,
  freePort,
  instance,
  load,
  millis,
  numbers,
  percentiles,
  run,
  until,
  untilEqual,
} from './harness.mjs';
import { openClients, startScript } from './push-client.mjs';

const [perSecond, watchers, rounds] = numbers(
  'bench:propagation [CHANGES_PER_S] [WATCHERS] [ROUNDS]',
  [500, 2000, 5],
);
/** Watched by as many watchers each, and changed in turn. */
const services = Math.min(100, watchers);
const instances = 1000;
const roundMs = 4000;
const warmUpMs = 2000;
const marker = '"version":"change ';

/**
 * Changes that are posted to one server at a steady pace, whatever comes of them, and watched at another one. Each is
 * timed from when it was due: a server that stalls cannot hide it by holding up the next one.
 */
class Course {
  #dueMs = [];
  #expected = 0;
  #seen = 0;
  #subscribed = 0;
  times = [];
  answers = [];

  constructor(name, from, to) {
    this.name = name;
    this.from = from;
    this.to = to;
  }

  async open() {
    await openClients(watchers, {
      port: this.to,
      onText: (bytes) => this.#take(bytes),
      start: (client, number) =>
        client.send({ type: 'subscribe', service_id: `service-${number % services}` }),
    });
    await until(async () => this.#subscribed === watchers, `${watchers} watchers of ${this.name}`);
  }

  async round(lengthMs, { counts }) {
    const start = performance.now();
    const first = this.#dueMs.length;
    const answers = [];
    const post = async (number, dueMs) => {
      const changed = instance(number % instances, { services });
      changed.metadata = { version: `change ${number}.` };
      await ask(this.from, 'POST', '/api/registry/register.json', { instances: [changed] });
      answers.push(performance.now() - dueMs);
    };
    const under = [];
    for (let count = 0; count < (lengthMs / 1000) * perSecond; count += 1) {
      const dueMs = start + (count * 1000) / perSecond;
      if (dueMs > performance.now()) await sleep(dueMs - performance.now());
      this.#dueMs.push(dueMs);
      const number = first + count;
      this.#expected += watchersOf((number % instances) % services);
      under.push(post(number, dueMs));
    }
    await Promise.all(under);
    const missing = () => `${this.name}: ${this.#expected - this.#seen} of ${this.#expected} are missing`;
    await until(async () => this.#seen >= this.#expected, 'all watchers are told', 30_000).catch((error) => {
      throw new Error(`${error.message}; ${missing()}`);
    });
    if (this.#seen > this.#expected) throw new Error(missing());
    if (counts) this.answers.push(...answers);
    else this.times = [];
  }

  #take(bytes) {
    if (this.#subscribed < watchers) {
      this.#subscribed += 1;
      return;
    }
    const nowMs = performance.now();
    // One message can tell of several changes.
    for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + 1)) {
      const number = Number.parseInt(bytes.latin1Slice(at + marker.length, at + marker.length + 12), 10);
      this.#seen += 1;
      this.times.push(nowMs - this.#dueMs[number]);
    }
  }
}

/** Seconds of a processor that a node has used so far. */
async function cpuSeconds(port) {
  const [, value] = /^process_cpu_seconds_total (\S+)$/m.exec(await ask(port, 'GET', '/metrics')) ?? [];
  return Number(value);
}

function watchersOf(service) {
  return Math.floor(watchers / services) + (service < watchers % services ? 1 : 0);
}

await run(async (stage) => {
  const ports = [await freePort(), await freePort(), await freePort()];
  const nodes = [];
  for (const [index, port] of ports.entries()) {
    const peers = ports.filter((other) => other !== port).map((other) => `127.0.0.1:${other}`);
    nodes.push(await stage.node(`node${index + 1}`, port, peers));
  }
  for (const node of nodes) node.start();
  await Promise.all(nodes.map((node) => node.ready()));
  await load(ports[0], 0, instances, { services });
  await untilEqual(nodes, instances);
  const last = await startScript(stage, 'bare-push.mjs');
  const first = await startScript(stage, 'bare-push.mjs', last.port);
  const courses = [
    new Course('Artemis, node 1 to node 3', ports[0], ports[2]),
    new Course('two bare ws servers', first.port, last.port),
  ];
  for (const course of courses) {
    await course.open();
    await course.round(warmUpMs, { counts: false });
  }
  const used = ports.map(() => 0);
  const measured = async (course) => {
    const before = await Promise.all(ports.map(cpuSeconds));
    await course.round(roundMs, { counts: true });
    const after = await Promise.all(ports.map(cpuSeconds));
    if (course === courses[0]) for (const index of ports.keys()) used[index] += after[index] - before[index];
  };
  for (let round = 0; round < rounds; round += 1)
    for (const course of round % 2 === 0 ? courses : courses.toReversed()) await measured(course);

  console.log(
    `${perSecond} changes/s of ${instances} instances in ${services} services, ${watchers} watchers; ` +
      `${rounds} rounds of ${roundMs / 1000} s each, alternating; three nodes`,
  );
  const results = courses.map(({ name, times, answers }) => {
    const seen = percentiles(times);
    const answered = percentiles(answers);
    console.log(
      `${name}: due to seen p50 ${millis(seen.p50)}, p99 ${millis(seen.p99)}, max ${millis(seen.max)} ` +
        `(${seen.count} deliveries); due to answered p50 ${millis(answered.p50)}, p99 ${millis(answered.p99)}`,
    );
    return seen;
  });
  const shares = used.map((seconds) => `${((100_000 * seconds) / (rounds * roundMs)).toFixed(0)} %`);
  console.log(`of one core, nodes 1 to 3 used ${shares.join(', ')}`);
  const [ours, theirs] = results;
  console.log(
    `limit p50 5 ms, p99 40 ms (aim 10 ms): p50 ${millis(ours.p50)}, p99 ${millis(ours.p99)}; ` +
      `ratio to bare: p50 ${(ours.p50 / theirs.p50).toFixed(2)}, p99 ${(ours.p99 / theirs.p99).toFixed(2)}`,
  );
});
