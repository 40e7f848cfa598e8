import type { Instance, InstanceKey } from '../models/instance.js';
import { keyOf, toInstanceKey } from '../models/instance.js';
import type { AliveRecord } from '../models/record.js';
import { aliveRecord } from '../models/record.js';
import type { Version } from '../models/version.js';

/** A valid instance of `test-service` that is up. */
export function anInstance(changes: Partial<Instance> = {}): Instance {
  return {
    region_id: 'local',
    zone_id: 'zone1',
    service_id: 'test-service',
    instance_id: 'inst-1',
    ip: '192.168.1.100',
    port: 8080,
    url: 'http://192.168.1.100:8080',
    status: 'up',
    ...changes,
  };
}

/** The key of {@link anInstance}. */
export function aKey(changes: Partial<InstanceKey> = {}): InstanceKey {
  return { ...toInstanceKey(anInstance()), ...changes };
}

/** A registration at `node1`. */
export function aVersion(changes: Partial<Version> = {}): Version {
  return { stamp: 1_735_689_600_000 * 1024, origin: 'node1#run1', round: 0, owner: 'node1', ...changes };
}

export interface AliveRecordChanges {
  readonly instance?: Partial<Instance>;
  readonly version?: Partial<Version>;
  /** Default 30 000. */
  readonly leaseTtlMs?: number;
}

/** The record of {@link anInstance} with {@link aVersion}. */
export function anAliveRecord(changes: AliveRecordChanges = {}): AliveRecord {
  const instance = anInstance(changes.instance);
  return aliveRecord(keyOf(instance), instance, aVersion(changes.version), changes.leaseTtlMs ?? 30_000);
}
