import { describe, expect, it } from '@jest/globals';
import { ChangeLog } from '../registry/change-log.js';
import { alive, tableAt } from '../registry/registry.fixture.js';
import { RegistryRepository } from '../registry/repository.js';
import { recentKeys } from './recent.js';

describe('recentKeys', () => {
  it('are those of the last moment', () => {
    const { log, repository } = tableAt(5000);
    repository.apply(alive('a', 1), { origin: 'peer' });
    const { key } = alive('a', 1);
    const at = (wallMs: number) => [...recentKeys(log, { wallMs: () => wallMs }, 1000)];
    expect([at(5000), at(5999), at(6000)]).toEqual([[key], [key], []]);
  });

  it('are none while a clock that was put back has not caught up', () => {
    const { log, repository } = tableAt(5000);
    repository.apply(alive('a', 1), { origin: 'local' });
    expect([...recentKeys(log, { wallMs: () => 2000 }, 1000)]).toEqual([]);
  });

  it('are the latest, where there are too many', () => {
    const clock = { monotonicMs: () => 0, wallMs: () => 5000 };
    const log = new ChangeLog('node1#run');
    const repository = new RegistryRepository(clock, log);
    for (let id = 0; id < 6000; id += 1) repository.apply(alive(`i${id}`, 1), { origin: 'local' });
    const recent = recentKeys(log, clock, 1000);
    expect([recent.has(alive('i5999', 1).key), recent.has(alive('i0', 1).key)]).toEqual([true, false]);
  });
});
