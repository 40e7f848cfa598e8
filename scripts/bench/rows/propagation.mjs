// Row 4: how long from a register on one node until watchers on another node are told, while many things change and many
// watch; beside two bare processes, one of which hands on to the other over a WebSocket what it is posted.
import { alternating } from '../contender.mjs';
import { coresDuring, sharesOf } from '../cores.mjs';
import { figure, percentileFigures } from '../figures.mjs';
import { Load } from '../load/load.mjs';
import { openClients } from '../load/push-client.mjs';
import { registerRequest } from '../load/requests.mjs';
import { instance, load, until, untilEqual } from '../node-client.mjs';
import { Latencies } from '../statistics.mjs';

const connections = 16;
const services = 100;
const instances = 1000;
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
  #load;
  seen = new Latencies();
  answered = new Latencies();
  late = new Latencies();

  constructor({ name, from, to, watchers }) {
    this.name = name;
    this.from = from;
    this.to = to;
    this.watchers = watchers;
  }

  async open() {
    this.#load = await Load.open(this.from, connections);
    await openClients(this.watchers, {
      port: this.to,
      onText: (bytes) => this.#take(bytes),
      start: (client, number) =>
        client.send({ type: 'subscribe', service_id: `service-${number % services}` }),
    });
    await until(async () => this.#subscribed === this.watchers, `${this.watchers} watchers of ${this.name}`);
  }

  async round(lengthMs, perSecond, { counts }) {
    const { latencies, late } = await this.#load.paced(lengthMs, perSecond, (dueMs) => this.#change(dueMs));
    const missing = () => `${this.name}: ${this.#expected - this.#seen} of ${this.#expected} are missing`;
    await until(async () => this.#seen >= this.#expected, 'all watchers are told', { limitMs: 30_000 }).catch(
      (error) => {
        throw new Error(`${error.message}; ${missing()}`);
      },
    );
    if (this.#seen > this.#expected) throw new Error(missing());
    if (!counts) {
      this.seen = new Latencies();
      return;
    }
    this.answered.add(latencies);
    this.late.add(late);
  }

  #change(dueMs) {
    const number = this.#dueMs.push(dueMs) - 1;
    const changed = instance(number % instances, { services });
    changed.metadata = { version: `change ${number}.` };
    this.#expected += this.#watchersOf((number % instances) % services);
    return registerRequest(changed);
  }

  #watchersOf(service) {
    return Math.floor(this.watchers / services) + (service < this.watchers % services ? 1 : 0);
  }

  #take(bytes) {
    if (this.#subscribed < this.watchers) {
      this.#subscribed += 1;
      return;
    }
    const nowMs = performance.now();
    // One message can tell of several changes.
    for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + 1)) {
      const number = Number.parseInt(bytes.latin1Slice(at + marker.length, at + marker.length + 12), 10);
      this.#seen += 1;
      this.seen.record(nowMs - this.#dueMs[number]);
    }
  }
}

async function coursesOf(stage, nodes, watchers) {
  const last = await stage.script('bare/push.mjs', { place: 'any' });
  const first = await stage.script('bare/push.mjs', { args: [last.port], place: 'any' });
  return [
    new Course({ name: 'Artemis, node 1 to node 3', from: nodes[0].port, to: nodes[2].port, watchers }),
    new Course({ name: 'two bare ws servers', from: first.port, to: last.port, watchers }),
  ];
}

function figuresOf([ours, theirs], shares) {
  const ratio = (part) => ours.seen.percentile(part) / theirs.seen.percentile(part);
  return [
    ...percentileFigures(`${ours.name}, due to seen`, ours.seen, {
      p50: { must: 5 },
      p99: { must: 40, aim: 10 },
    }),
    ...percentileFigures(`${ours.name}, due to answered`, ours.answered),
    ...percentileFigures(`${theirs.name}, due to seen`, theirs.seen),
    ...percentileFigures(`${theirs.name}, due to answered`, theirs.answered),
    figure('ratio of p50, due to seen', ratio(50), 'x'),
    figure('ratio of p99, due to seen', ratio(99), 'x'),
    ...shares.map((share, index) => figure(`node ${index + 1}: share of a core`, share, '%')),
    figure('sent late by the load: p99', ours.late.percentile(99), 'ms'),
  ];
}

export const propagation = {
  row: 4,
  name: 'propagation',
  title: 'register on one node to seen by a watcher on another one, three nodes',
  sizes: {
    long: { per_second: 500, watchers: 2000, rounds: 5, round_ms: 4000 },
    short: { per_second: 500, watchers: 500, rounds: 2, round_ms: 1500 },
  },
  async run({ stage, sizes }) {
    const { per_second: perSecond, watchers, rounds, round_ms: roundMs } = sizes;
    const nodes = await stage.cluster(3);
    await load(nodes[0].port, 0, instances, { services });
    await untilEqual(nodes, instances);
    const courses = await coursesOf(stage, nodes, watchers);
    for (const course of courses) {
      await course.open();
      await course.round(roundMs / 2, perSecond, { counts: false });
    }
    const ports = nodes.map(({ port }) => port);
    const measured = [];
    await alternating(rounds, courses, async (course) => {
      const cores = await coresDuring(ports, () => course.round(roundMs, perSecond, { counts: true }));
      if (course === courses[0]) measured.push(cores);
    });
    return figuresOf(courses, sharesOf(measured));
  },
};
