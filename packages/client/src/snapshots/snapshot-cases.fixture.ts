import { anInstance } from '@artemis/core/testing';
import { expect, it } from '@jest/globals';
import type { ServiceSnapshot, SnapshotStore } from './snapshot-store.js';

export function aSnapshot(changes: Partial<ServiceSnapshot> = {}): ServiceSnapshot {
  const doubtful = {
    ...anInstance({ instance_id: 'inst-2', metadata: { note: 'ü\n"' } }),
    unconfirmed: true,
  };
  return {
    serviceId: 'test-service',
    instances: [anInstance(), doubtful],
    savedAtMs: 1_735_689_600_123,
    ...changes,
  };
}

/** What holds for every store. */
export function snapshotCases(makeStore: () => SnapshotStore): void {
  it('has nothing of a service that was never saved', async () => {
    expect(await makeStore().load('test-service')).toBeUndefined();
  });

  it('gives back what was saved last', async () => {
    const store = makeStore();
    await store.save(aSnapshot({ instances: [] }));
    await store.save(aSnapshot());
    expect(await store.load('test-service')).toEqual(aSnapshot());
  });

  it('goes by the service id without regard to case, and gives it back as it was saved', async () => {
    const store = makeStore();
    await store.save(aSnapshot({ serviceId: 'Orders' }));
    expect(await store.load('oRDERS')).toEqual(aSnapshot({ serviceId: 'Orders' }));
  });

  it('keeps services apart, whatever they are called', async () => {
    const store = makeStore();
    const ids = [
      'a/b',
      'a_b',
      'a b',
      '..',
      '.',
      'CON',
      'x'.repeat(255),
      `${'x'.repeat(254)}y`,
      '日本',
      'a?*:|<>"',
    ];
    for (const serviceId of ids) await store.save(aSnapshot({ serviceId }));
    for (const serviceId of ids) expect((await store.load(serviceId))?.serviceId).toBe(serviceId);
  });

  it('keeps the last one of many that are saved at once', async () => {
    const store = makeStore();
    const saves = Array.from({ length: 20 }, (_, savedAtMs) => store.save(aSnapshot({ savedAtMs })));
    await Promise.all(saves);
    expect(await store.load('test-service')).toEqual(aSnapshot({ savedAtMs: 19 }));
  });
}
