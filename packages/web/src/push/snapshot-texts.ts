import type { Snapshots } from '@artemis/core';

/** Characters of all texts that are kept. */
const keptChars = 16_777_216;

/** Snapshots as JSON. Many watchers come to a service at once, after a restart of their node: it is encoded once for all. */
export class SnapshotTexts {
  readonly #snapshots: Snapshots;
  readonly #limit: number;
  /** The longest unused first. */
  readonly #kept = new Map<string, { readonly revision: number; readonly text: string }>();
  #chars = 0;

  constructor(snapshots: Snapshots, limit = keptChars) {
    this.#snapshots = snapshots;
    this.#limit = limit;
  }

  /** @param keep whether somebody else is likely to ask for the same */
  of(serviceKey: string, serviceId: string, keep: boolean): string {
    const revision = this.#snapshots.revisionOf(serviceKey) ?? 0;
    const kept = this.#kept.get(serviceKey);
    this.#drop(serviceKey);
    const isFresh = kept !== undefined && kept.revision === revision;
    const text = isFresh ? kept.text : JSON.stringify(this.#snapshots.service(serviceId));
    // Of what is unknown, the spelling is that of whoever asks.
    if (revision > 0 && (keep || isFresh)) this.#keep(serviceKey, revision, text);
    return text;
  }

  #keep(serviceKey: string, revision: number, text: string): void {
    if (text.length > this.#limit) return;
    this.#kept.set(serviceKey, { revision, text });
    this.#chars += text.length;
    for (const key of this.#kept.keys()) {
      if (this.#chars <= this.#limit) return;
      this.#drop(key);
    }
  }

  #drop(serviceKey: string): void {
    const kept = this.#kept.get(serviceKey);
    if (kept === undefined) return;
    this.#kept.delete(serviceKey);
    this.#chars -= kept.text.length;
  }
}
