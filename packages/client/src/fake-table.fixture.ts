import {
  instanceSchema,
  keyOf,
  serviceKeyOf,
  toInstance,
  type InstanceInput,
  type InstanceKeyInput,
} from '@artemis/core';
import type { DiscoveredInstance, InstanceChange } from './discovered-instance.js';

/** The table of a fake node and its numbered log. It keeps no leases. */
export class FakeTable {
  runId = 1;
  /** Changes that the log forgot. */
  forgotten = 0;
  /** Told of each change. */
  changed: (change: InstanceChange) => void = () => undefined;
  readonly #url: string;
  #table = new Map<string, DiscoveredInstance>();
  #log: InstanceChange[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  get position(): { revision: number; log_id: string } {
    return { revision: this.#log.length, log_id: `${this.#url}#${this.runId}` };
  }

  get instances(): DiscoveredInstance[] {
    return [...this.#table.values()];
  }

  get serviceIds(): string[] {
    return [...new Set(this.instances.map(({ service_id }) => service_id))];
  }

  has(key: InstanceKeyInput): boolean {
    return this.#table.has(keyOf(key));
  }

  service(serviceId: string): { service_id: string; instances: DiscoveredInstance[] } {
    const key = serviceKeyOf(serviceId);
    const instances = this.instances.filter(({ service_id }) => serviceKeyOf(service_id) === key);
    return { service_id: serviceId, instances };
  }

  /** `undefined` when the service was never there. */
  revisionOf(serviceId: string): number | undefined {
    const key = serviceKeyOf(serviceId);
    return this.#log.filter(({ instance }) => serviceKeyOf(instance.service_id) === key).at(-1)?.revision;
  }

  /** What changed since a position; `undefined` when the log does not tell. */
  since(logId: unknown, revision: unknown): InstanceChange[] | undefined {
    const isKnown = logId === this.position.log_id && typeof revision === 'number';
    return isKnown && revision >= this.forgotten ? this.#log.slice(revision) : undefined;
  }

  put(input: InstanceInput): void {
    const instance = toInstance(instanceSchema.parse(input));
    const before = this.#table.get(keyOf(instance));
    this.#table.set(keyOf(instance), instance);
    if (JSON.stringify(before) === JSON.stringify(instance)) return;
    this.#append(before === undefined ? 'new' : 'change', instance, 'registered');
  }

  remove(key: InstanceKeyInput): void {
    const before = this.#table.get(keyOf(key));
    if (before === undefined) return;
    this.#table.delete(keyOf(key));
    this.#append('delete', before, 'unregistered');
  }

  /** Begins another log, with nothing in it. */
  restart(): void {
    this.runId += 1;
    this.#log = [];
    this.#table.clear();
  }

  #append(
    change_type: InstanceChange['change_type'],
    instance: DiscoveredInstance,
    reason: 'registered' | 'unregistered',
  ): void {
    const revision = this.#log.length + 1;
    const change_time = '2025-01-01T00:00:00.000Z';
    const change: InstanceChange = { change_type, instance, change_time, revision, reason };
    this.#log.push(change);
    this.changed(change);
  }
}
