import { VirtualTime } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { ChangeLog } from './change-log.js';
import { alive, tombstone } from './registry.fixture.js';
import { RegistryRepository } from './repository.js';
import { TombstoneSweeper } from './tombstones.js';

function sweeping() {
  const time = new VirtualTime();
  const { clock, scheduler } = time;
  const log = new ChangeLog('node1#run');
  const repository = new RegistryRepository(clock, log);
  const forgotten: string[] = [];
  const sweeper = new TombstoneSweeper({
    clock,
    scheduler,
    repository,
    retentionMs: 60_000,
    sweepIntervalMs: 10_000,
    forgotten: (key) => forgotten.push(key),
  });
  log.subscribe((change) => sweeper.onChange(change));
  sweeper.start();
  return { time, repository, sweeper, forgotten };
}

describe('TombstoneSweeper', () => {
  it('keeps a tombstone for the retention and drops it at the sweep after', async () => {
    const { time, repository, forgotten } = sweeping();
    await time.advance(5000);
    repository.apply(tombstone('a', 1), { origin: 'local' });
    await time.advance(59_000);
    expect([repository.tombstoneCount, forgotten]).toEqual([1, []]);
    await time.advance(11_000);
    expect([repository.tombstoneCount, forgotten]).toEqual([0, [tombstone('a', 1).key]]);
  });

  it('counts the retention anew for a key that was removed again', async () => {
    const { time, repository } = sweeping();
    repository.apply(tombstone('a', 1), { origin: 'local' });
    await time.advance(30_000);
    repository.apply(tombstone('a', 2), { origin: 'local' });
    await time.advance(50_000);
    expect(repository.tombstoneCount).toBe(1);
    await time.advance(20_000);
    expect(repository.tombstoneCount).toBe(0);
  });

  it('leaves live records alone', async () => {
    const { time, repository, forgotten } = sweeping();
    repository.apply(tombstone('a', 1), { origin: 'local' });
    repository.apply(alive('a', 2), { origin: 'local' });
    await time.advance(100_000);
    expect([repository.liveCount, forgotten]).toEqual([1, []]);
  });

  it('drops many in several turns', async () => {
    const { time, repository } = sweeping();
    for (let index = 0; index < 5000; index += 1)
      repository.apply(tombstone(`i${index}`, index + 1), { origin: 'local' });
    await time.advance(70_000);
    expect(repository.tombstoneCount).toBe(0);
  });

  it('drops nothing after it was stopped', async () => {
    const { time, repository, sweeper } = sweeping();
    repository.apply(tombstone('a', 1), { origin: 'local' });
    sweeper.stop();
    await time.advance(200_000);
    expect(repository.tombstoneCount).toBe(1);
  });
});
