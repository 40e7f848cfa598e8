import { describe, expect, it } from '@jest/globals';
import { brief, heard } from './brief.fixture.js';
import { FakeTable, PushStage } from './push-stage.fixture.js';

const subscribe = (service_id: string, more: object = {}) => ({ type: 'subscribe', service_id, ...more });
const all = (more: object = {}) => ({ type: 'subscribe_all', ...more });
const at = (since_revision: number, log_id = 'node1#run1') => ({ since_revision, log_id });

describe('a watch of a service', () => {
  it('begins with a snapshot, goes on with changes, and ends', async () => {
    const stage = new PushStage();
    stage.table.put('orders', 'a');
    const client = stage.connect();
    client.say(subscribe('Orders'));
    expect(await heard(client)).toEqual(['subscribed Orders 1 [a]']);
    stage.table.put('orders', 'b');
    stage.table.put('billing', 'x');
    stage.table.remove('orders', 'a');
    expect(await heard(client)).toEqual([
      'service_change orders 2 new b',
      'service_change orders 4 delete a',
    ]);
    client.say({ type: 'unsubscribe', service_id: 'ORDERS' });
    stage.table.put('orders', 'c');
    expect(await heard(client)).toEqual(['unsubscribed ORDERS']);
    expect(stage.gauges()).toMatchObject({ sessions: 1, subscriptions: 0 });
  });

  it('sends what one turn does to a service as one message, encoded once for all sessions', async () => {
    const stage = new PushStage();
    const clients = [stage.connect(), stage.connect(), stage.connect()];
    for (const client of clients) client.say(subscribe('orders'));
    for (const client of clients) await client.hear();
    stage.table.put('orders', 'a');
    stage.table.renew();
    stage.table.put('orders', 'b');
    await stage.time.settle();
    expect(stage.counted).toMatchObject({ encoded: 2, 'sent service_change': 3 });
    expect(new Set(clients.map(({ channel }) => channel.frames[0])).size).toBe(1);
    for (const client of clients)
      expect(await heard(client)).toEqual(['service_change orders 3 new a new b']);
  });

  it('makes no message of what nobody watches', async () => {
    const stage = new PushStage();
    const client = stage.connect();
    client.say(subscribe('orders'));
    stage.table.put('billing', 'x');
    await stage.time.settle();
    expect(stage.counted['encoded']).toBeUndefined();
  });

  it('has in its snapshot what this very turn did, and does not tell it again', async () => {
    const stage = new PushStage();
    const [early, late] = [stage.connect(), stage.connect()];
    early.say(subscribe('orders'));
    await early.hear();
    stage.table.put('orders', 'a');
    late.say(subscribe('orders'));
    stage.table.put('orders', 'b');
    expect(await heard(late)).toEqual(['subscribed orders 1 [a]', 'service_change orders 2 new b']);
    expect(await heard(early)).toEqual(['service_change orders 1 new a', 'service_change orders 2 new b']);
  });

  it('tells of views: unconfirmed marks, hidden removes, shown again is new', async () => {
    const stage = new PushStage();
    stage.table.put('orders', 'a');
    const client = stage.connect();
    client.say(subscribe('orders'));
    await client.hear();
    stage.table.put('orders', 'a', { visibility: 'unconfirmed' });
    stage.table.put('orders', 'a', { visibility: 'hidden' });
    stage.table.put('orders', 'a');
    const [message] = await client.hear();
    expect(message).toMatchObject({
      changes: [
        { change_type: 'change', reason: 'unconfirmed', instance: { unconfirmed: true } },
        { change_type: 'delete', reason: 'hidden' },
        { change_type: 'new', reason: 'registered' },
      ],
    });
    const changes = (message as unknown as { changes: { instance: object }[] }).changes;
    expect(changes.map(({ instance }) => 'unconfirmed' in instance)).toEqual([true, false, false]);
  });

  it('parts a turn that is too large for one message', async () => {
    const stage = new PushStage();
    const client = stage.connect();
    client.say(subscribe('orders'));
    for (let index = 0; index < 501; index += 1) stage.table.put('orders', `i${index}`);
    const [, first, second] = await client.hear();
    expect([first, second]).toMatchObject([{ revision: 500 }, { revision: 501, changes: [{}] }]);
  });

  it('goes on under another log id when the node begins a new run', async () => {
    const stage = new PushStage();
    const client = stage.connect();
    client.say(subscribe('orders'));
    stage.table.put('orders', 'a');
    await client.hear();
    stage.table.logId = 'node1#run2';
    stage.table.put('orders', 'b');
    expect(await client.hear()).toMatchObject([{ revision: 2, log_id: 'node1#run2' }]);
    client.say(subscribe('orders', at(1)));
    expect(await client.hear()).toMatchObject([{ log_id: 'node1#run2', service: { instances: [{}, {}] } }]);
  });
});

describe('a watch that resumes', () => {
  it('gets exactly what it missed', async () => {
    const stage = new PushStage();
    stage.table.put('orders', 'a');
    stage.table.put('billing', 'x');
    stage.table.put('orders', 'b');
    const client = stage.connect();
    client.say(subscribe('orders', at(1)));
    expect(await heard(client)).toEqual(['subscribed orders 1', 'service_change orders 3 new b']);
    stage.table.put('orders', 'c');
    expect(await heard(client)).toEqual(['service_change orders 4 new c']);
  });

  it('that missed nothing moves on to the present, however far the log reaches back', async () => {
    const stage = new PushStage({}, new FakeTable(2));
    stage.table.put('orders', 'a');
    for (let index = 0; index < 5; index += 1) stage.table.renew();
    const client = stage.connect();
    client.say(subscribe('orders', at(1)));
    expect(await heard(client)).toEqual(['subscribed orders 6']);
  });

  it('is told what comes after more changes that nobody sees than the log holds', async () => {
    const stage = new PushStage({}, new FakeTable(2));
    const client = stage.connect();
    client.say(subscribe('orders'));
    await client.hear();
    for (let index = 0; index < 5; index += 1) stage.table.renew();
    stage.table.put('orders', 'a');
    expect(await heard(client)).toEqual(['service_change orders 6 new a']);
  });

  it('gets a snapshot from another run, from the future, and where the log ends', async () => {
    const stage = new PushStage({}, new FakeTable(2));
    for (const id of ['a', 'b', 'c', 'd']) stage.table.put('orders', id);
    const client = stage.connect();
    for (const position of [at(3, 'node1#run0'), at(9), at(1), { since_revision: 3 }]) {
      client.say(subscribe('orders', position));
      expect(await heard(client)).toEqual(['subscribed orders 4 [a b c d]']);
    }
  });

  it('of everything gets what it missed of all services, in the order of the log', async () => {
    const stage = new PushStage();
    stage.table.put('orders', 'a');
    stage.table.put('orders', 'b');
    stage.table.put('billing', 'x');
    stage.table.put('orders', 'c');
    const client = stage.connect();
    client.say(all(at(1)));
    expect(await heard(client)).toEqual([
      'subscribed_all 1',
      'service_change orders 2 new b',
      'service_change billing 3 new x',
      'service_change orders 4 new c',
    ]);
    client.say(all(at(4)));
    expect(await heard(client)).toEqual(['subscribed_all 4']);
  });
});

describe('a watch of everything', () => {
  it('begins with a snapshot of every service that shows something', async () => {
    const stage = new PushStage();
    stage.table.put('orders', 'a');
    stage.table.put('billing', 'x');
    stage.table.remove('billing', 'x');
    stage.table.put('stock', 's');
    const client = stage.connect();
    client.say(all());
    expect(await heard(client)).toEqual([
      'subscribed orders 4 [a]',
      'subscribed stock 4 [s]',
      'subscribed_all 4',
    ]);
    stage.table.put('new', 'n');
    stage.table.remove('stock', 's');
    expect(await heard(client)).toEqual(['service_change new 5 new n', 'service_change stock 6 delete s']);
  });

  it('comes in slices, between which changes of what has been sent go on', async () => {
    const stage = new PushStage();
    for (let service = 0; service < 40; service += 1)
      for (let id = 0; id < 50; id += 1) stage.table.put(`s${service}`, `${service}-${id}`);
    const client = stage.connect();
    client.say(all());
    const first = client.channel.take().map(brief);
    expect(first.length).toBeGreaterThan(5);
    expect(first.length).toBeLessThan(40);
    stage.table.put('s0', 'late');
    stage.table.put('s39', 'late');
    stage.table.put('brand-new', 'n');
    const rest = await heard(client);
    expect(rest[0]).toBe('service_change s0 2001 new late');
    expect(rest.filter((text) => text.includes('s39 '))).toEqual([
      expect.stringMatching(/^subscribed .* late\]$/),
    ]);
    expect(rest.slice(-2)).toEqual(['subscribed brand-new 2003 [n]', 'subscribed_all 2003']);
  });

  it('and of one service by name gets each change once', async () => {
    const stage = new PushStage();
    const client = stage.connect();
    client.say(subscribe('orders'));
    client.say(all());
    await client.hear();
    stage.table.put('orders', 'a');
    stage.table.put('billing', 'x');
    expect(await heard(client)).toEqual(['service_change orders 1 new a', 'service_change billing 2 new x']);
    client.say({ type: 'unsubscribe', service_id: 'orders' });
    stage.table.put('orders', 'b');
    expect(await heard(client)).toEqual(['unsubscribed orders', 'service_change orders 3 new b']);
    client.say({ type: 'unsubscribe_all' });
    stage.table.put('orders', 'c');
    expect(await heard(client)).toEqual(['unsubscribed_all']);
  });
});
