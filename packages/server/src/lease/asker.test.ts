import type { InstanceKey } from '@artemis/core';
import { anAliveRecord } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { LeaseAsker } from './asker.js';

type Request = { readonly peer: string; readonly keys: number; end: (failure?: Error) => void };

let peers: string[];
let requests: Request[];
let asker: LeaseAsker<string>;

const record = (id: string) => anAliveRecord({ instance: { instance_id: id } });
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

beforeEach(() => {
  peers = ['node2', 'node3'];
  requests = [];
  asker = new LeaseAsker<string>({
    peers: () => peers,
    ask: (peer: string, keys: readonly InstanceKey[]) =>
      new Promise<void>((resolve, reject) => {
        const end = (failure?: Error): void => (failure === undefined ? resolve() : reject(failure));
        requests.push({ peer, keys: keys.length, end });
      }),
  });
});

function ask(...ids: string[]): string[] {
  const records = ids.map(record);
  for (const one of records) asker.add(one);
  asker.send();
  return records.map(({ key }) => key);
}

describe('LeaseAsker', () => {
  it('asks every peer once for all keys of a turn, and waits for all of them', async () => {
    const [first = ''] = ask('a', 'b', 'c');
    expect(requests.map(({ peer, keys }) => [peer, keys])).toEqual([
      ['node2', 3],
      ['node3', 3],
    ]);
    requests[0]?.end();
    await settled();
    expect(asker.isPending(first)).toBe(true);
    requests[1]?.end(new Error('timeout'));
    await settled();
    expect(asker.isPending(first)).toBe(false);
  });

  it('asks nobody when nobody can be reached, which is the answer', () => {
    peers = [];
    const [key = ''] = ask('a');
    expect([asker.isPending(key), requests.length]).toEqual([false, 0]);
  });

  it('sends a thousand keys at a time, one request after the other to each peer', async () => {
    peers = ['node2'];
    ask(...Array.from({ length: 2500 }, (_, index) => `i${index}`));
    for (const size of [1000, 1000, 500]) {
      expect(requests.at(-1)?.keys).toBe(size);
      requests.at(-1)?.end();
      await settled();
    }
    expect(requests).toHaveLength(3);
  });

  it('waits no longer for a peer that fails: what stands behind is not sent to it', async () => {
    peers = ['node2'];
    const keys = ask(...Array.from({ length: 2500 }, (_, index) => `i${index}`));
    requests[0]?.end(new Error('refused'));
    await settled();
    expect([requests.length, keys.some((key) => asker.isPending(key))]).toEqual([1, false]);
    ask('again');
    expect(requests).toHaveLength(2);
  });

  it('does not ask again for what it still waits for', () => {
    ask('a');
    ask('a', 'b');
    expect(requests.map(({ keys }) => keys)).toEqual([1, 1]);
  });
});
