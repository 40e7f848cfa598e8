import type { AliveRecord, Instance, RemovedRecord, Version } from '@artemis/core';
import { aliveRecord, keyOf, toInstanceKey, unregistered } from '@artemis/core';
import { anInstance } from '@artemis/core/testing';
import { ChangeLog } from './change-log.js';
import { RegistryRepository } from './repository.js';

const leaseTtlMs = 30_000;

export function instanceOf(instanceId: string, changes: Partial<Instance> = {}): Instance {
  return anInstance({ service_id: 'orders', instance_id: instanceId, ...changes });
}

export function versionOf(stamp: number, changes: Partial<Version> = {}): Version {
  return { stamp, origin: 'node1#run', round: 0, owner: 'node1', ...changes };
}

export function alive(instanceId: string, stamp: number, changes: Partial<Instance> = {}): AliveRecord {
  const instance = instanceOf(instanceId, changes);
  return aliveRecord(keyOf(instance), instance, versionOf(stamp), leaseTtlMs);
}

export function tombstone(instanceId: string, stamp: number): RemovedRecord {
  const key = toInstanceKey(instanceOf(instanceId));
  return unregistered(keyOf(key), key, versionOf(stamp, { owner: '' }));
}

export function tableAt(wallMs = 1000): { log: ChangeLog; repository: RegistryRepository } {
  const log = new ChangeLog('node1#run', 100);
  const clock = { monotonicMs: () => 0, wallMs: () => wallMs };
  return { log, repository: new RegistryRepository(clock, log) };
}
