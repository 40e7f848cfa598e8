/** The commands that ask a node once: what they print, and how they end. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exitCodes } from '../exit-codes.js';
import { fakeHost, type FakeHost } from '../host.fixture.js';
import { FakeRegistry, offer } from '../registry/fake-registry.fixture.js';
import { visibleWidth } from '../registry/fitted-table.js';
import { run } from '../run.js';

let registry: FakeRegistry;

beforeEach(async () => {
  registry = await FakeRegistry.start('node1');
});
afterEach(() => registry.stop());

/** Runs `artemis …` against the registry. */
async function artemis(line: string, host: FakeHost = fakeHost()) {
  const exitCode = await run([...line.split(' '), '--addr', registry.url], host);
  return {
    exitCode,
    out: host.stdout.lines,
    err: host.stderr.text,
    json: () => JSON.parse(host.stdout.text) as unknown,
  };
}

const lastBody = () => registry.asked.filter(({ method }) => method === 'POST').at(-1)?.body;

describe('instances', () => {
  beforeEach(() => {
    offer(registry, 'orders', [
      { instance_id: 'orders-1' },
      { instance_id: 'orders-2', status: 'down', group_id: 'blue' },
      { instance_id: 'orders-3', zone_id: 'zone2', unconfirmed: true },
      { instance_id: 'orders-4', hidden: true },
    ]);
  });

  it('shows those that are up, and counts the others', async () => {
    const { exitCode, out } = await artemis('instances Orders');
    expect(exitCode).toBe(exitCodes.ok);
    expect(out).toEqual([
      'INSTANCE  STATUS           ZONE         ADDRESS        LEASE',
      'orders-1  up               local/zone1  10.0.0.1:9000  12s of 30s',
      'orders-3  up, unconfirmed  local/zone2  10.0.0.1:9002  12s of 30s',
      '',
      '2 of 3 instances of Orders up at node1; 1 unconfirmed: the node cannot vouch for the lease; ' +
        'the others: --all; 1 hidden, why: artemis explain orders orders-4',
    ]);
  });

  it('shows all of a zone', async () => {
    const { out } = await artemis('instances orders --all --zone zone1');
    expect(out).toEqual([
      'INSTANCE  GROUP  STATUS  ZONE         ADDRESS        LEASE',
      'orders-1  -      up      local/zone1  10.0.0.1:9000  12s of 30s',
      'orders-2  blue   down    local/zone1  10.0.0.1:9001  12s of 30s',
      '',
      '1 of 2 instances of orders in */zone1 up at node1; 1 hidden, why: artemis explain orders orders-4',
    ]);
  });

  it('gives a program every field, and the lease', async () => {
    const { json } = await artemis('instances orders --json --all');
    expect(json()).toMatchObject({
      service_id: 'orders',
      node: 'node1',
      revision: 7,
      log_id: 'n#1',
      instances: [
        { instance_id: 'orders-1', url: 'http://10.0.0.1:9000', lease: { owner: 'node1', age_ms: 12_000 } },
        { instance_id: 'orders-2', status: 'down' },
        { instance_id: 'orders-3', unconfirmed: true },
      ],
      hidden: [{ instance_id: 'orders-4' }],
    });
  });

  it('does without leases where they are not told', async () => {
    registry.answer('/api/status/leases.json', undefined);
    expect((await artemis('instances orders')).out[1]).toMatch(/10\.0\.0\.1:9000 {2}-$/);
  });

  it('says of a service without instances that there are none', async () => {
    offer(registry, 'orders', []);
    expect((await artemis('instances orders')).out).toEqual(['No instance of orders at node1']);
  });

  it('suggests a service when there is none of that name', async () => {
    const { exitCode, out, err } = await artemis('instances ordres');
    expect(exitCode).toBe(exitCodes.failure);
    expect(out).toEqual([]);
    expect(err).toBe(
      'artemis: node1 knows no service "ordres", did you mean orders?\nAll of them: artemis services\n',
    );
  });

  it('keeps a narrow terminal in order, with colours, and without what ids may hold', async () => {
    const name = 'orders-with-a-long-name-and-a-number-0123456789';
    offer(registry, 'orders', [{ instance_id: name }, { instance_id: 'a\u001b[2J\r' }]);
    const host = fakeHost();
    host.stdout.isTTY = true;
    host.stdout.columns = 60;
    const { out } = await artemis('instances orders', host);
    for (const line of out.slice(0, 3)) expect(visibleWidth(line)).toBeLessThanOrEqual(60);
    expect(out[1]).toContain('\u001b[32mup\u001b[39m');
    expect(out[2]).toMatch(/^a\\u001b\[2J\\/);
  });
});

describe('services', () => {
  it('counts the instances of each, by zone', async () => {
    offer(registry, 'orders', [
      { instance_id: 'a' },
      { instance_id: 'b', zone_id: 'zone2', unconfirmed: true },
      { instance_id: 'c' },
    ]);
    const { out } = await artemis('services');
    expect(out).toEqual([
      'SERVICE  UP                 ZONES',
      'orders   3 (1 unconfirmed)  local/zone1: 2, local/zone2: 1',
      '',
      '1 service, 3 instances up at node1',
    ]);
    expect((await artemis('services --json --zone zone2 --prefix o')).json()).toEqual({
      node: 'node1',
      services: [{ service_id: 'orders', up: 1, unconfirmed: 1, zones: { 'local/zone2': 1 } }],
    });
    expect(lastBody()).toMatchObject({ prefix: 'o', zone_id: 'zone2' });
  });

  it('asks for page after page', async () => {
    registry.answer('/api/discovery/services.json', ({ body }: { body: { cursor?: string } }) =>
      body.cursor === undefined
        ? { services: [{ service_id: 'a', instances: [] }], next_cursor: 'a' }
        : { services: [{ service_id: 'b', instances: [] }] },
    );
    const { out } = await artemis('services');
    expect(out.slice(1)).toEqual([
      'a        0   -',
      'b        0   -',
      '',
      '2 services, 0 instances up at node1',
    ]);
  });

  it('says that there are none', async () => {
    registry.answer('/api/discovery/services.json', { services: [] });
    expect((await artemis('services --prefix x')).out).toEqual(['No services that begin with "x" at node1']);
  });
});

describe('unregister', () => {
  const path = '/api/registry/unregister.json';
  beforeEach(() => {
    offer(registry, 'orders', [
      { instance_id: 'a' },
      { instance_id: 'b', zone_id: 'zone2' },
      { instance_id: 'b', zone_id: 'zone3', hidden: true },
    ]);
    registry.answer(path, { response_status: { error_code: 'success' } });
  });

  it('finds the rest of the key', async () => {
    const { exitCode, out } = await artemis('unregister orders a');
    expect([exitCode, ...out]).toEqual([exitCodes.ok, 'Unregistered orders/a in local/zone1 at node1']);
    expect(lastBody()).toEqual({
      instance_keys: [
        { region_id: 'local', zone_id: 'zone1', service_id: 'orders', group_id: '', instance_id: 'a' },
      ],
    });
    expect((await artemis('unregister orders b --zone zone3 --json')).json()).toMatchObject({
      node: 'node1',
      unregistered: [{ instance_id: 'b', zone_id: 'zone3' }],
    });
  });

  it.each([
    ['unregister orders a c', 'node1 knows no instance "c" of orders, did you mean a?'],
    ['unregister orders a --zone zone9', 'node1 knows no instance "a" of orders there, only in local/zone1'],
    [
      'unregister orders a b',
      'orders has 2 instances "b":\n  orders/b in local/zone2\n  orders/b in local/zone3\nSay which with --region, --zone, --group',
    ],
    [
      'unregister order a',
      'node1 knows no service "order", did you mean orders?\nAll of them: artemis services',
    ],
  ])('artemis %s removes nothing', async (line, problem) => {
    const { exitCode, out, err } = await artemis(line);
    expect({ exitCode, out, err }).toEqual({
      exitCode: exitCodes.failure,
      out: [],
      err: `artemis: ${problem}\n`,
    });
    expect(registry.asked.filter((asked) => asked.path === path)).toEqual([]);
  });

  it('says what the node refuses', async () => {
    registry.answer(path, { response_status: { error_code: 'bad-request', error_message: 'no' } });
    expect((await artemis('unregister orders a')).err).toBe('artemis: node1 refuses: no\n');
  });
});

describe('explain', () => {
  const listed = {
    node_id: 'node1',
    instance_key: {
      region_id: 'local',
      zone_id: 'zone1',
      service_id: 'orders',
      group_id: '',
      instance_id: 'a',
    },
    listed: true,
    summary: 'listed',
    record: { state: 'alive', registered: '2020-01-02T03:04:05.000Z', registered_at: 'node2#run' },
    owner: { node_id: 'node2', status: 'alive' },
    lease: { ttl_ms: 30_000, age_ms: 12_000, remaining_ms: 17_500, state: 'listed' },
    filters: [{ name: 'record', passed: true, detail: 'it is registered' }],
    last_changes: Array.from({ length: 7 }, (_value, index) => ({
      revision: 9 - index,
      change_time: '2020-01-02T03:04:05.000Z',
      reason: 'registered',
      origin: 'peer',
    })),
  };
  const unlisted = {
    ...listed,
    listed: false,
    summary: 'not listed',
    record: undefined,
    owner: undefined,
    lease: undefined,
    last_changes: [],
    filters: [{ name: 'record', passed: false, detail: 'this node knows nothing of it' }],
  };
  const date = new Date('2020-01-02T03:04:05.000Z');
  const two = (part: number) => String(part).padStart(2, '0');
  const moment = `2020-01-0${date.getDate()} ${two(date.getHours())}:${two(date.getMinutes())}:05`;

  it('says it in plain words', async () => {
    offer(registry, 'orders', [{ instance_id: 'a' }]);
    registry.answer('/api/status/explain.json', listed);
    const { exitCode, out } = await artemis('explain orders a');
    expect(exitCode).toBe(exitCodes.ok);
    expect(out).toEqual([
      'orders/a in local/zone1 is listed at node1',
      '  yes record      it is registered',
      '',
      `  It was registered at ${moment} by way of node2.`,
      '  Its owner, who may expire it, is node2, which is alive as seen from here.',
      '  Its lease of 30s was renewed 12s ago and ends in 18s unless renewed.',
      '',
      '  Last changes here:',
      ...[9, 8, 7, 6, 5].map((revision) => `  ${moment}  registered, told by a peer (revision ${revision})`),
      '  … and 2 more, with --json',
    ]);
  });

  it('looks for one that is not there where the node is, and says what may be meant', async () => {
    offer(registry, 'orders', [{ instance_id: 'orders-1' }]);
    registry.answer('/api/status/explain.json', unlisted);
    const { exitCode, out } = await artemis('explain orders orders-2');
    expect(exitCode).toBe(exitCodes.failure);
    expect(out.slice(1)).toEqual([
      '  NO  record      this node knows nothing of it',
      '',
      '  node1 knows no instance "orders-2" of orders, did you mean orders-1?',
      '  One that is gone is found in its own place only: --region, --zone, --group',
    ]);
    expect(registry.asked.find(({ path }) => path.includes('explain'))?.query).toEqual({
      region_id: 'local',
      zone_id: 'zone1',
      service_id: 'orders',
      instance_id: 'orders-2',
    });
  });

  it('gives a program the answers as they are', async () => {
    offer(registry, 'orders', [{ instance_id: 'a' }]);
    registry.answer('/api/status/explain.json', listed);
    expect((await artemis('explain orders a --json')).json()).toEqual([listed]);
  });
});
