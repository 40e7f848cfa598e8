import { describe, expect, it } from '@jest/globals';
import { keyOf } from '@artemis/core';
import fc from 'fast-check';
import { FakeTable, PushStage, type Client } from './push-stage.fixture.js';
import { View } from './view.fixture.js';

const services = ['orders', 'Billing', 'stock'];
const service = fc.constantFrom(...services);
const id = fc.constantFrom('a', 'b', 'c');
const visibility = fc.constantFrom('listed', 'unconfirmed', 'hidden');

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), service, id, visibility }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), service, id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('renew' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('settle' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('stall' as const), room: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('drain' as const), room: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('again' as const), service, resume: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reconnect' as const), resume: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('new run' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** One watcher through everything that can happen to it. */
class Story {
  readonly table = new FakeTable(12);
  readonly stage = new PushStage({ queueLimit: 4 }, this.table);
  readonly view = new View();
  readonly #mode: 'named' | 'all';
  #client: Client;
  #runs = 1;
  #ports = 1000;

  constructor(mode: 'named' | 'all') {
    this.#mode = mode;
    this.#client = this.stage.connect();
    this.#subscribe(false);
  }

  async tell(steps: readonly Step[]): Promise<void> {
    for (const one of steps) await this.#do(one);
    this.stage.drain(this.#client);
    await this.#listen();
  }

  /** What the table shows, and what the watcher makes of what it was told. */
  outcome(): { table: object; view: object } {
    const entries = (instances: Iterable<readonly [string, object]>) =>
      [...instances].sort(([a], [b]) => (a < b ? -1 : 1));
    const all = services.map((name) => {
      const table = this.table
        .service(name)
        .instances.map((instance) => [keyOf(instance), instance] as const);
      return { table: entries(table), view: entries(this.view.of(name)) };
    });
    return { table: all.map(({ table }) => table), view: all.map(({ view }) => view) };
  }

  async #do(one: Step): Promise<void> {
    switch (one.do) {
      case 'put':
        this.table.put(one.service, one.id, { port: (this.#ports += 1), visibility: one.visibility });
        break;
      case 'remove':
        this.table.remove(one.service, one.id);
        break;
      case 'renew':
        this.table.renew();
        break;
      case 'settle':
        await this.#listen();
        break;
      case 'stall':
        this.#client.channel.room = one.room;
        break;
      case 'drain':
        this.stage.drain(this.#client, one.room);
        break;
      case 'again':
        await this.#again(one.service, one.resume);
        break;
      case 'reconnect':
        // What was sent and not read is lost.
        this.#client.channel.take();
        this.#client.session.end('closed');
        this.#client = this.stage.connect();
        this.#subscribe(one.resume);
        break;
      case 'new run':
        this.table.logId = `node1#run${(this.#runs += 1)}`;
        break;
    }
  }

  async #again(name: string, resume: boolean): Promise<void> {
    if (this.#mode === 'all') return;
    // The client reads all that there is before it says where it stands.
    await this.#listen();
    const position = resume ? this.view.position.get(name.toLowerCase()) : undefined;
    this.#client.say({ type: 'subscribe', service_id: name, ...position });
  }

  #subscribe(resume: boolean): void {
    if (this.#mode === 'all') {
      const position = resume ? this.view.allPosition : undefined;
      this.view.begin(position);
      this.#client.say({ type: 'subscribe_all', ...position });
      return;
    }
    for (const name of services) {
      const position = resume ? this.view.position.get(name.toLowerCase()) : undefined;
      this.#client.say({ type: 'subscribe', service_id: name, ...position });
    }
  }

  async #listen(): Promise<void> {
    this.view.take(await this.#client.hear());
  }
}

describe('whatever happens to a watcher', () => {
  it.each(['named', 'all'] as const)(
    'it sees each change once, and in the end what there is: %s',
    async (mode) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
          const story = new Story(mode);
          await story.tell(steps);
          const { table, view } = story.outcome();
          expect(story.view.wrong).toEqual([]);
          expect(view).toEqual(table);
        }),
        { numRuns: 500 },
      );
    },
  );
});
