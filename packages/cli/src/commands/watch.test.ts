import { ClientError } from '@artemis/client';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { exitCodes } from '../exit-codes.js';
import { aChange, FakeClient } from '../fake-client.fixture.js';
import { fakeHost, type FakeHost } from '../host.fixture.js';
import { watch } from './watch.js';

let fake: FakeClient;
let host: FakeHost;

beforeEach(() => {
  fake = new FakeClient();
  host = fakeHost();
});

const urls = ['http://n1:8080', 'http://n2:8080'];
const connected = { node: 'http://n1:8080', transport: 'websocket' } as const;

/** @param patienceMs far more than a test takes, unless it is about that */
function start(options: { service?: string; json?: boolean } = {}, patienceMs = 600_000): Promise<number> {
  const around = { connect: () => fake.client, patienceMs };
  return watch({ urls, json: false, ...options }, host, around);
}

describe('artemis watch', () => {
  it('shows what there is, then each change, with the node that told it', async () => {
    const watching = start({ service: 'orders' });
    fake.events.emit('connected', connected);
    const first = aChange({});
    fake.instances = [first.instance];
    fake.change(first);
    fake.ready();
    await host.stderr.until(/watching/);
    fake.change(
      aChange({ change_type: 'change', reason: 'registered', status: 'down', revision: 2 }),
      aChange({ change_type: 'delete', reason: 'expired', revision: 3 }),
      aChange({ id: 'orders-2', revision: 4 }),
    );
    host.events.emit('SIGINT');
    expect(await watching).toBe(exitCodes.ok);
    expect(host.stdout.lines.map((line) => line.replace(/^\d\d:\d\d:05\.678 {2}/, ''))).toEqual([
      'is      orders/orders-1  up                       n1:8080  192.168.1.100:8080',
      'change  orders/orders-1  down       registered    n1:8080  192.168.1.100:8080',
      'delete  orders/orders-1  -          expired       n1:8080  192.168.1.100:8080',
      'new     orders/orders-2  up         caught up     n1:8080  192.168.1.100:8080',
    ]);
    expect(host.stderr.lines).toEqual(['artemis: watching orders at n1:8080, 1 instance now']);
    expect(fake.asked).toEqual(['service orders', 'close client']);
  });

  it('says that it lost its node, and where it goes on', async () => {
    const watching = start();
    fake.events.emit('connected', connected);
    fake.ready();
    await host.stderr.until(/watching all services at n1:8080, 0 instances now/);
    fake.events.emit('disconnected', {
      node: 'http://n1:8080',
      reason: 'http://n1:8080 said goodbye\u001b[2J',
    });
    fake.events.emit('disconnected', { node: 'http://n1:8080', reason: 'again' });
    fake.events.emit('connected', { ...connected, node: 'http://n2:8080' });
    fake.changeOfAll(aChange({ reason: 'registered' }));
    fake.events.emit('disconnected', {
      node: 'http://n2:8080',
      reason: 'the socket to http://n2:8080 closed',
    });
    fake.events.emit('error', new ClientError('unavailable', 'odd'));
    host.events.emit('SIGTERM');
    expect(await watching).toBe(exitCodes.ok);
    expect(host.stderr.lines.slice(1)).toEqual([
      'artemis: lost n1:8080 (said goodbye\\u001b[2J), looks for another node',
      'artemis: goes on at n2:8080',
      'artemis: lost n2:8080 (the socket closed), looks for another node',
      'artemis: odd',
    ]);
    expect(host.stdout.text).toContain(' n2:8080 ');
  });

  it('gives a program one object for each line', async () => {
    const watching = start({ json: true });
    fake.events.emit('connected', connected);
    const initial = aChange({});
    const change = aChange({ change_type: 'delete', reason: 'expired', revision: 2 });
    fake.changeOfAll(initial);
    fake.ready();
    await host.stderr.until(/watching/);
    fake.changeOfAll(change);
    host.events.emit('SIGINT');
    await watching;
    expect(host.stdout.lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { ...initial, node: 'n1:8080', initial: true },
      { ...change, node: 'n1:8080' },
    ]);
  });

  it('says that no node answers, and goes on', async () => {
    const watching = start({ service: 'orders' }, 0);
    await host.stderr.until(
      /no node answers yet, of http:\/\/n1:8080, http:\/\/n2:8080: goes on trying, Ctrl-C ends it/,
    );
    host.events.emit('SIGINT');
    expect(await watching).toBe(exitCodes.ok);
  });

  it('ends when nobody reads it any more', async () => {
    const watching = start();
    host.stdout.emit('error', new Error('EPIPE'));
    expect(await watching).toBe(exitCodes.ok);
  });

  it('names the word that is no service', async () => {
    fake = new (class extends FakeClient {
      override get client() {
        const refuse = () => {
          throw new ClientError('invalid', 'expected 1 to 255 printable characters');
        };
        return { ...super.client, service: refuse };
      }
    })();
    await expect(start({ service: '/' })).rejects.toMatchObject({
      exitCode: exitCodes.usage,
      message: 'SERVICE is "/": expected 1 to 255 printable characters\nTry: artemis watch --help',
    });
    expect(fake.asked).toEqual(['close client']);
  });
});
