import { keyOf, serviceKeyOf, type DiscoveredInstance, type ServerMessage } from '@artemis/core';

/** What a watcher makes of what it is told; it notes everything that no watcher should ever see. */
export class View {
  readonly wrong: string[] = [];
  readonly #services = new Map<string, Map<string, DiscoveredInstance>>();
  readonly #revisions = new Map<string, number>();
  /** Where the watch of one service stands, to resume. */
  position = new Map<string, { since_revision: number; log_id: string }>();
  /** Where the watch of everything stands; `undefined` before it is complete. */
  allPosition: { since_revision: number; log_id: string } | undefined;
  /** Services told of since everything was asked for, unless that goes on where it stood. */
  #listed: Set<string> | undefined;
  #resumes: string | undefined;

  take(messages: readonly ServerMessage[]): void {
    for (const message of messages) this.#take(message);
  }

  /** A watch of everything begins; not resumed, it lists all that there is. */
  begin(position: { log_id: string } | undefined): void {
    this.#resumes = position?.log_id;
    this.#listed = position === undefined ? new Set() : undefined;
    this.allPosition = undefined;
  }

  /** Instances of a service by key. */
  of(serviceId: string): ReadonlyMap<string, DiscoveredInstance> {
    return this.#services.get(serviceKeyOf(serviceId)) ?? new Map();
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case 'subscribed':
        this.#subscribed(message);
        break;
      case 'service_change':
        this.#changed(message);
        break;
      case 'reload':
        if (message.service_id === undefined) {
          this.#listed = new Set();
          this.allPosition = undefined;
        }
        break;
      case 'subscribed_all':
        // Of another run, it is not resumed.
        if (message.log_id !== this.#resumes) this.#listed ??= new Set();
        if (this.#listed !== undefined)
          for (const key of [...this.#services.keys()])
            if (!this.#listed.has(key)) this.#services.delete(key);
        this.#listed = undefined;
        this.#resumes = message.log_id;
        this.allPosition = { since_revision: message.revision, log_id: message.log_id };
        break;
      case 'unsubscribed':
      case 'unsubscribed_all':
      case 'result':
      case 'pong':
      case 'error':
      case 'goodbye':
        break;
    }
  }

  #subscribed({ service_id, service, revision, log_id }: ServerMessage & { type: 'subscribed' }): void {
    const key = serviceKeyOf(service_id);
    this.position.set(key, { since_revision: revision, log_id });
    if (revision < (this.#revisions.get(key) ?? 0)) this.wrong.push(`${key} went back to ${revision}`);
    this.#revisions.set(key, revision);
    if (service === undefined) return;
    // A snapshot before the end of the list: not resumed.
    if (this.allPosition === undefined) this.#listed ??= new Set();
    this.#listed?.add(key);
    this.#services.set(key, new Map(service.instances.map((instance) => [keyOf(instance), instance])));
  }

  #changed({ service_id, revision, log_id, changes }: ServerMessage & { type: 'service_change' }): void {
    const key = serviceKeyOf(service_id);
    const service = this.#services.get(key) ?? new Map<string, DiscoveredInstance>();
    this.#services.set(key, service);
    this.#listed?.add(key);
    for (const change of changes) {
      const last = this.#revisions.get(key) ?? 0;
      if (change.revision <= last) this.wrong.push(`${key}: ${change.revision} after ${last}`);
      this.#revisions.set(key, change.revision);
      const instanceKey = keyOf(change.instance);
      const isKnown = service.has(instanceKey);
      if (isKnown !== (change.change_type !== 'new'))
        this.wrong.push(`${key}: ${change.change_type} of what is ${isKnown ? 'known' : 'unknown'}`);
      if (change.change_type === 'delete') service.delete(instanceKey);
      else service.set(instanceKey, change.instance);
    }
    if (changes.at(-1)?.revision !== revision) this.wrong.push(`${revision} is not that of the last change`);
    this.position.set(key, { since_revision: revision, log_id });
    if (this.allPosition !== undefined) this.allPosition = { since_revision: revision, log_id };
  }
}
