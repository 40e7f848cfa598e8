import type { Change } from '@artemis/core';
import { CollectedLogger, MemoryStore, anAliveRecord, VirtualTime } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { GroupCommit } from './group-commit.js';

let time: VirtualTime;
let store: MemoryStore;
let logger: CollectedLogger;
let failures: number;
let commit: GroupCommit;

beforeEach(() => {
  time = new VirtualTime();
  store = new MemoryStore();
  logger = new CollectedLogger();
  failures = 0;
  commit = new GroupCommit({ store, scheduler: time.scheduler, logger, failed: () => (failures += 1) });
});

function change(id: string, origin: Change['origin'] = 'local'): void {
  commit.onChange({ record: anAliveRecord({ instance: { instance_id: id } }), origin } as Change);
}

const stored = async (): Promise<string[]> =>
  (await store.load()).map(({ instanceKey }) => instanceKey.instance_id).sort();

describe('GroupCommit', () => {
  it('resolves when the change is in the store', async () => {
    change('a');
    change('b');
    await time.finish(commit.committed());
    expect(await stored()).toEqual(['a', 'b']);
  });

  it('resolves at once when nothing waits', async () => {
    await expect(commit.committed()).resolves.toBeUndefined();
  });

  it('does not write back what the store itself brought', async () => {
    change('a', 'recovery');
    await time.advance(100);
    expect(await stored()).toEqual([]);
  });

  it('refuses who waits when the store fails, names the reason, and recovers by itself', async () => {
    store.failWith(new Error('no space left'));
    change('a');
    const waiting = commit.committed();
    await expect(time.finish(waiting)).rejects.toThrow('no space left');
    expect(commit.failure).toBe('no space left');
    await time.advance(3000);
    expect(failures).toBeGreaterThanOrEqual(3);
    store.failWith(undefined);
    await time.advance(1500);
    expect([commit.failure, await stored()]).toEqual([undefined, ['a']]);
    expect(logger.text()).toContain('The store takes writes again');
  });

  it('commits what waits when it is closed', async () => {
    change('a');
    await time.finish(commit.close());
    expect(await stored()).toEqual(['a']);
  });
});
