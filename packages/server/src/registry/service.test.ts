import { HybridClock, keyOf, limits } from '@artemis/core';
import type { RegistryRecord } from '@artemis/core';
import { aKey, anInstance, VirtualTime } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Identity } from '../identity.js';
import { leasesOn } from '../lease/leases.fixture.js';
import type { LeaseManager } from '../lease/manager.js';
import { ChangeLog } from './change-log.js';
import { RegistryRepository } from './repository.js';
import { RegistryService } from './service.js';

let time: VirtualTime;
let repository: RegistryRepository;
let leases: LeaseManager;
let registry: RegistryService;
let refusal: string | undefined;
let commitFailure: Error | undefined;
let unreachable: Set<string>;
let renewed: string[];
let counted: number[];

beforeEach(() => {
  time = new VirtualTime();
  const { clock } = time;
  const log = new ChangeLog('node1#run1');
  repository = new RegistryRepository(clock, log);
  ({ leases } = leasesOn(repository.slots, time));
  log.subscribe((change) => leases.onChange(change));
  refusal = undefined;
  commitFailure = undefined;
  unreachable = new Set();
  renewed = [];
  counted = [];
  registry = new RegistryService({
    scheduler: time.scheduler,
    identity: new Identity('node1', 'run1'),
    clock: new HybridClock(() => clock.wallMs(), 60_000),
    repository,
    leases,
    defaultTtlMs: 30_000,
    maxTtlMs: 600_000,
    refusal: () => refusal,
    committed: async () => {
      if (commitFailure !== undefined) throw commitFailure;
    },
    canDeliverTo: (nodeId) => !unreachable.has(nodeId),
    renewed: (key) => renewed.push(key),
    counted: (known, unknown) => counted.push(known, unknown),
  });
});

function held(): RegistryRecord | undefined {
  const [key] = [...repository.keys()];
  return key === undefined ? undefined : repository.get(key);
}

describe('register', () => {
  it('stamps each instance with a later version, owned by this node', async () => {
    await registry.register([anInstance()]);
    const first = held()?.version;
    await registry.register([anInstance()]);
    expect(first).toMatchObject({ origin: 'node1#run1', round: 0, owner: 'node1' });
    expect(held()?.version.stamp).toBeGreaterThan(first?.stamp ?? Infinity);
  });

  describe('a batch that takes several turns', () => {
    const many = Array.from({ length: 1200 }, (_, index) => anInstance({ instance_id: `i${index}` }));
    const last = aKey({ instance_id: 'i1199' });

    it('loses to an end that came after it', async () => {
      const registered = registry.register(many);
      const ended = registry.unregister([last]);
      await time.finish(Promise.all([registered, ended]));
      expect(repository.liveCount).toBe(1199);
      expect(repository.get(keyOf(last))?.state).toBe('removed');
    });

    it('is not acknowledged when the node takes no writes any more', async () => {
      const registered = registry.register(many).catch((error: unknown) => error);
      refusal = 'the node is stopping';
      expect(await time.finish(registered)).toMatchObject({ problem: 'unavailable' });
      expect(repository.liveCount).toBeLessThan(1200);
    });
  });

  it('takes the lease of the instance, else the default', async () => {
    await registry.register([anInstance()]);
    expect(held()?.leaseTtlMs).toBe(30_000);
    await registry.register([anInstance({ lease_ttl_secs: 5 })]);
    expect(held()?.leaseTtlMs).toBe(5000);
  });

  it('refuses a lease longer than what is kept of a lost node, and names the limit', async () => {
    const tooLong = anInstance({ lease_ttl_secs: 601 });
    const answer = await registry.register([anInstance({ instance_id: 'ok', lease_ttl_secs: 600 }), tooLong]);
    expect([answer.response_status.error_code, repository.liveCount]).toEqual(['partial_fail', 1]);
    expect(answer.failed_instances).toEqual([
      {
        instance: tooLong,
        error_code: 'bad-request',
        error_message:
          'instances[1].lease_ttl_secs: is 601, expected at most lease.orphan_retention_secs of this node, which is 600',
      },
    ]);
  });

  it('drops unknown fields and null ones', async () => {
    await registry.register([{ ...anInstance(), colour: 'red', protocol: null }]);
    expect(held()?.instance).toEqual(anInstance());
  });

  it('accepts the good items of a batch and lists the bad ones, as sent, with the path of the field', async () => {
    const bad = { ...anInstance(), port: 70_000 };
    const answer = await registry.register([anInstance(), bad, anInstance({ instance_id: 'inst-2' })]);
    expect(answer.response_status.error_code).toBe('partial_fail');
    expect(answer.failed_instances).toEqual([
      {
        instance: bad,
        error_code: 'bad-request',
        error_message: expect.stringMatching(/^instances\[1\]\.port: /),
      },
    ]);
    expect(repository.liveCount).toBe(2);
  });

  it('is bad-request when no item is good, and when there is none', async () => {
    const answer = await registry.register([{ ...anInstance(), ip: 'not an address' }]);
    expect(answer.response_status).toMatchObject({
      error_code: 'bad-request',
      error_message: expect.stringContaining('1 of 1 items refused, the first: instances[0].ip: '),
    });
    expect((await registry.register([])).response_status).toEqual({
      error_code: 'bad-request',
      error_message: 'instances: expected at least one item',
    });
  });

  it('takes a full batch', async () => {
    const batch = Array.from({ length: limits.batchItems }, (_, index) =>
      anInstance({ instance_id: `i${index}` }),
    );
    expect((await time.finish(registry.register(batch))).response_status.error_code).toBe('success');
    expect(repository.liveCount).toBe(limits.batchItems);
  });

  it('is refused when the node takes no writes, and when the store does not', async () => {
    refusal = 'this node is stopping';
    await expect(registry.register([anInstance()])).rejects.toMatchObject({ status: 503, message: refusal });
    expect(repository.liveCount).toBe(0);
    refusal = undefined;
    commitFailure = new Error('disk full');
    await expect(registry.register([anInstance()])).rejects.toMatchObject({ status: 503 });
  });
});

describe('heartbeat', () => {
  it('renews the lease and tells the peers, without a change of version', async () => {
    await registry.register([anInstance()]);
    const before = held()?.version;
    await time.advance(20_000);
    expect(registry.heartbeat([aKey()])).toEqual({ response_status: { error_code: 'success' } });
    expect([leases.ageMs(held()?.key ?? ''), held()?.version, renewed]).toEqual([0, before, [held()?.key]]);
  });

  it('compares service ids without regard to case', async () => {
    await registry.register([anInstance({ service_id: 'MyService' })]);
    const answer = registry.heartbeat([aKey({ service_id: 'MYSERVICE' })]);
    expect(answer.response_status.error_code).toBe('success');
  });

  it('renews the known keys and lists the unknown and the broken ones', async () => {
    await registry.register([anInstance()]);
    await time.advance(10_000);
    const unknown = aKey({ instance_id: 'who' });
    const broken = { ...aKey(), zone_id: 7 };
    const answer = registry.heartbeat([unknown, aKey(), broken]);
    expect(answer.failed_instance_keys).toEqual([unknown, broken]);
    expect(answer.response_status).toEqual({
      error_code: 'bad-request',
      error_message:
        '2 of 3 keys refused, the first: instance_keys[0]: unknown instance "who", register it again',
    });
    expect([leases.ageMs(held()?.key ?? ''), counted]).toEqual([0, [1, 2]]);
  });

  it('does not know what was removed', async () => {
    await registry.register([anInstance()]);
    await registry.unregister([aKey()]);
    expect(registry.heartbeat([aKey()]).failed_instance_keys).toEqual([aKey()]);
  });

  it('takes over what belongs to a node that cannot be told, and nothing else', async () => {
    await registry.register([anInstance()]);
    const record = held();
    if (record?.state !== 'alive') throw new Error('not registered');
    const moved = { ...record, version: { ...record.version, round: 2, owner: 'node2' } };
    repository.apply(moved, { origin: 'peer' });
    registry.heartbeat([aKey()]);
    expect(held()?.version).toMatchObject({ round: 2, owner: 'node2' });
    unreachable.add('node2');
    registry.heartbeat([aKey()]);
    expect(held()?.version).toMatchObject({ round: 4, owner: 'node1', stamp: record.version.stamp });
    expect(renewed).toHaveLength(1);
  });

  it('is bad-request for an empty list', () => {
    expect(registry.heartbeat([]).response_status).toEqual({
      error_code: 'bad-request',
      error_message: 'instance_keys: expected at least one item',
    });
  });
});

describe('unregister', () => {
  it('leaves a tombstone, for an unknown key too, and again when asked again', async () => {
    expect(await registry.unregister([aKey()])).toEqual({ response_status: { error_code: 'success' } });
    expect(held()).toMatchObject({
      state: 'removed',
      reason: 'unregistered',
      version: { round: 0, owner: '' },
    });
    const first = held()?.version.stamp ?? 0;
    await registry.unregister([aKey()]);
    expect(held()?.version.stamp).toBeGreaterThan(first);
  });

  it('lists broken keys and removes the others', async () => {
    await registry.register([anInstance()]);
    const answer = await registry.unregister([{}, aKey()]);
    expect(answer.failed_instance_keys).toEqual([{}]);
    expect(answer.response_status.error_message).toContain('instance_keys[0].region_id: ');
    expect(repository.liveCount).toBe(0);
  });

  it('is bad-request for an empty list', async () => {
    expect((await registry.unregister([])).response_status.error_code).toBe('bad-request');
  });
});
