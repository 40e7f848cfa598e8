import type { PeerRequest, PeerResponse } from '@artemis/core';
import { apiRoutes } from '@artemis/core';
import { VirtualTime } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { PeerCaller } from '../cluster/caller.js';
import { Peer } from '../cluster/peer.js';
import type { LeaseManager } from '../lease/manager.js';
import { alive, tableAt, tombstone } from '../registry/registry.fixture.js';
import { Batches } from './batches.js';
import type { PeerVerdict } from './delivery.js';
import { Delivery } from './delivery.js';
import type { OutboxItem } from './outbox.js';

type Call = Omit<PeerRequest, 'headers'>;

let time: VirtualTime;
let table: ReturnType<typeof tableAt>;
let calls: Call[];
let verdicts: PeerVerdict[];
let answer: (call: Call) => Promise<PeerResponse>;

beforeEach(() => {
  time = new VirtualTime();
  table = tableAt();
  calls = [];
  verdicts = [];
  answer = () => Promise.resolve(ok);
});

const ok = { status: 200, headers: {}, body: { response_status: { error_code: 'success' } } };
const items = (...ids: string[]): OutboxItem[] => ids.map((id) => ({ key: alive(id, 1).key, sinceMs: 0 }));

function delivery(maxBytes = 1_000_000): Delivery {
  const caller = {
    call: (_peer: Peer, sent: Call) => {
      const call = { ...sent, body: JSON.parse(JSON.stringify(sent.body)) as unknown };
      calls.push(call);
      return answer(call);
    },
  } as unknown as PeerCaller;
  const target = { address: 'node2:8080', url: 'http://node2:8080' };
  return new Delivery({
    peer: new Peer(target, 'configured', 5000, { monotonicMs: 0, wallMs: 0 }),
    caller,
    repository: table.repository,
    batches: new Batches({
      scheduler: time.scheduler,
      repository: table.repository,
      // Every lease was renewed when time began.
      leases: { ageMs: () => time.nowMs } as unknown as LeaseManager,
      maxBytes,
    }),
    timeoutMs: 1000,
    done: () => undefined,
    verdict: (verdict) => verdicts.push(verdict),
  });
}

const agesOf = ({ body }: Call): unknown[] =>
  (body as { instance_keys: { age_ms: number }[] }).instance_keys.map(({ age_ms: ageMs }) => ageMs);

describe('Delivery', () => {
  it('tells the age that a lease has when its request leaves, however long those before it took', async () => {
    for (const id of ['a', 'b']) table.repository.apply(alive(id, 1), { origin: 'local' });
    answer = () => new Promise((resolve) => time.scheduler.after(4000, () => resolve(ok)));
    await time.finish(delivery(10).send('renewal', items('a', 'b')));
    expect(calls.map(agesOf)).toEqual([[0], [4000]]);
  });

  it('sends what is alive and what is removed by their own routes, read when they leave', async () => {
    table.repository.apply(alive('a', 1), { origin: 'local' });
    table.repository.apply(alive('b', 1), { origin: 'local' });
    table.repository.apply(tombstone('c', 1), { origin: 'local' });
    // What changes while requests are under way comes with the next ones.
    answer = async () => {
      table.repository.apply(tombstone('b', 2), { origin: 'peer' });
      return ok;
    };
    const sent = await time.finish(delivery(10).send('record', items('a', 'b', 'c', 'd')));
    expect(calls.map(({ path }) => path)).toEqual([
      `${apiRoutes.replicaRegister.path}.json`,
      `${apiRoutes.replicaUnregister.path}.json`,
    ]);
    expect(sent.undelivered).toEqual([]);
  });

  it('names what has to be sent again from the request that failed', async () => {
    for (const id of ['a', 'b', 'c']) table.repository.apply(alive(id, 1), { origin: 'local' });
    answer = async () => (calls.length === 2 ? { status: 503, headers: {}, body: undefined } : ok);
    const [, b, c] = items('a', 'b', 'c');
    const { outcome, undelivered } = await time.finish(delivery(10).send('record', items('a', 'b', 'c')));
    expect([outcome?.kind, undelivered]).toEqual(['retry', [b, c]]);
  });

  it('takes keys that an answer names for lacking after a renewal, and for refused after a removal', async () => {
    table.repository.apply(alive('a', 1), { origin: 'local' });
    table.repository.apply(tombstone('b', 1), { origin: 'local' });
    answer = async ({ body }) => ({
      ...ok,
      body: {
        response_status: { error_code: 'bad-request', error_message: 'its clock is too far ahead' },
        failed_instance_keys: (body as { instance_keys: unknown[] }).instance_keys,
      },
    });
    await time.finish(delivery().send('renewal', items('a')));
    await time.finish(delivery().send('record', items('b')));
    expect(verdicts).toEqual([
      { lacking: [alive('a', 1).key], newer: [], refused: [] },
      { lacking: [], newer: [], refused: ['its clock is too far ahead'] },
    ]);
  });

  it('drops what the peer refuses for good, and nothing else', async () => {
    for (const id of ['a', 'b', 'c']) table.repository.apply(alive(id, 1), { origin: 'local' });
    answer = async () => ({ status: 413, headers: {}, body: undefined });
    const [, b, c] = items('a', 'b', 'c');
    const { outcome, undelivered } = await time.finish(delivery(10).send('record', items('a', 'b', 'c')));
    expect([outcome?.kind, undelivered]).toEqual(['rejected', [b, c]]);
  });

  it('does nothing where nothing is held', async () => {
    expect(await delivery().send('record', items('a'))).toEqual({ outcome: undefined, undelivered: [] });
  });
});
