import { describe, expect, it } from '@jest/globals';
import { brief, heard } from './brief.fixture.js';
import { FakeTable, PushStage } from './push-stage.fixture.js';

const subscribe = (service_id: string) => ({ type: 'subscribe', service_id });
const all = () => ({ type: 'subscribe_all' });

describe('a slow session', () => {
  it('gets what waits when it drains, in order, and others are not delayed', async () => {
    const stage = new PushStage({ queueLimit: 10 });
    const [slow, quick] = [stage.connect(), stage.connect()];
    for (const client of [slow, quick]) {
      client.say(subscribe('orders'));
      client.say(subscribe('billing'));
      await client.hear();
    }
    slow.channel.room = 1;
    for (const id of ['a', 'b', 'c']) {
      stage.table.put('orders', id);
      stage.table.put('billing', id);
      await stage.time.settle();
    }
    expect(slow.channel.take().map(brief)).toEqual(['service_change orders 1 new a']);
    expect(quick.channel.take()).toHaveLength(6);
    expect(stage.gauges()).toMatchObject({ slowSessions: 1, waitingChanges: 5 });
    stage.drain(slow, 2);
    expect(slow.channel.take().map(brief)).toEqual([
      'service_change billing 2 new a',
      'service_change orders 3 new b',
    ]);
    expect(stage.gauges()).toMatchObject({ slowSessions: 1, waitingChanges: 3 });
    stage.drain(slow);
    expect(slow.channel.take().map((message) => brief(message).slice(-5))).toEqual([
      'new b',
      'new c',
      'new c',
    ]);
    expect(stage.gauges()).toMatchObject({ slowSessions: 0, waitingChanges: 0 });
    expect(stage.counted).toMatchObject({ encoded: 6 });
  });

  it('is told to reload the service of which too much waits, and only that', async () => {
    const stage = new PushStage({ queueLimit: 3 });
    const client = stage.connect();
    for (const service of ['orders', 'billing']) client.say(subscribe(service));
    await client.hear();
    client.channel.room = 1;
    stage.table.put('billing', 'x');
    await stage.time.settle();
    for (let index = 0; index < 5; index += 1) {
      stage.table.put('orders', `i${index}`);
      await stage.time.settle();
    }
    stage.table.put('billing', 'y');
    await stage.time.settle();
    client.channel.take();
    stage.drain(client);
    expect(client.channel.take()).toMatchObject([
      { type: 'service_change', service_id: 'billing', revision: 7 },
      { type: 'reload', service_id: 'orders', from_revision: 0, revision: 7, log_id: 'node1#run1' },
      { type: 'subscribed', service_id: 'orders', revision: 7, service: { instances: [{}, {}, {}, {}, {}] } },
    ]);
    expect(stage.counted).toMatchObject({ 'reloaded service': 1 });
    stage.table.put('orders', 'after');
    expect(await heard(client)).toEqual(['service_change orders 8 new after']);
  });

  it('of everything begins again when too much waits', async () => {
    const stage = new PushStage({ queueLimit: 3 });
    const client = stage.connect();
    client.say(all());
    await client.hear();
    client.channel.room = 0;
    for (const service of ['a', 'b', 'c', 'd', 'e']) {
      stage.table.put(service, service);
      await stage.time.settle();
    }
    client.channel.take();
    stage.drain(client);
    const messages = client.channel.take();
    expect(messages[0]).toEqual({ type: 'reload', from_revision: 1, revision: 5, log_id: 'node1#run1' });
    expect(messages.slice(1).map(brief)).toEqual([
      ...['a', 'b', 'c', 'd', 'e'].map((service) => `subscribed ${service} 5 [${service}]`),
      'subscribed_all 5',
    ]);
    expect(stage.counted).toMatchObject({ 'reloaded all': 1 });
  });

  it('that asks for more is answered when it drains', async () => {
    const stage = new PushStage();
    const client = stage.connect();
    client.channel.room = 0;
    client.say(subscribe('orders'));
    client.say(all());
    stage.table.put('orders', 'a');
    expect(await client.hear()).toEqual([]);
    stage.drain(client);
    expect(client.channel.take().map(brief)).toEqual([
      'subscribed orders 1 [a]',
      'subscribed orders 1 [a]',
      'subscribed_all 1',
    ]);
  });

  it('holds nothing back any more once it has left', async () => {
    const stage = new PushStage();
    const client = stage.connect();
    client.say(subscribe('orders'));
    client.say(all());
    await client.hear();
    client.channel.room = 0;
    stage.table.put('orders', 'a');
    await stage.time.settle();
    client.session.end('closed');
    stage.table.put('orders', 'b');
    await stage.time.settle();
    expect(stage.gauges()).toEqual({
      sessions: 0,
      subscriptions: 0,
      watchersOfAll: 0,
      slowSessions: 0,
      waitingChanges: 0,
    });
    expect(client.channel.take().map(brief)).toEqual(['service_change orders 1 new a']);
  });
});

describe('more changes in a turn than the log holds', () => {
  it('are sent as snapshots', async () => {
    const stage = new PushStage({}, new FakeTable(3));
    const [named, everything] = [stage.connect(), stage.connect()];
    named.say(subscribe('orders'));
    everything.say(all());
    await named.hear();
    await everything.hear();
    for (const id of ['a', 'b', 'c', 'd']) stage.table.put('orders', id);
    expect(await heard(named)).toEqual(['reload orders 4', 'subscribed orders 4 [a b c d]']);
    expect(await heard(everything)).toEqual([
      'reload 4',
      'subscribed orders 4 [a b c d]',
      'subscribed_all 4',
    ]);
    expect(stage.node.log).toEqual([expect.objectContaining({ level: 'warn' })]);
  });
});
