import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describeIssue, serviceKeyOf, serviceSchema } from '@artemis/core';
import type { DiscoveredInstance } from '../discovered-instance.js';
import type { ServiceSnapshot, SnapshotStore } from '../snapshots/snapshot-store.js';

/** What stands in a file. */
interface StoredSnapshot {
  readonly service_id: string;
  readonly saved_at_ms: number;
  readonly instances: readonly DiscoveredInstance[];
}

/** Characters of the service id that its file shows: for people, who would not know it by the hash. */
const shownLength = 60;

/**
 * Last known answers on disk, a file for each service in a directory of one's own. Several processes may share it.
 *
 * A file is replaced in one step, so that a reader sees the old one or the new one, and a process that dies in the
 * middle leaves the old one. What cannot be read is an error of `load()`, which the client takes for "nothing known",
 * with a warning; the next answer replaces it.
 */
export class FileSnapshots implements SnapshotStore {
  readonly #directory: string;
  /** The newest snapshot of each service that waits for the one before it to be written. */
  readonly #waiting = new Map<string, ServiceSnapshot>();
  readonly #writing = new Map<string, Promise<void>>();

  /** @param directory made, with those above it, when the first answer is saved */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Rejects when there is something that cannot be read; the message names the file. */
  async load(serviceId: string): Promise<ServiceSnapshot | undefined> {
    const file = this.#fileOf(serviceId);
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    try {
      return parseSnapshot(text, serviceId);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${file} holds no snapshot of ${serviceId}: ${reason}`, { cause: error });
    }
  }

  /**
   * Resolves when it, or a newer one of the same service, is in its file. Snapshots that come faster than the disk takes
   * them replace each other.
   */
  save(snapshot: ServiceSnapshot): Promise<void> {
    const key = serviceKeyOf(snapshot.serviceId);
    this.#waiting.set(key, snapshot);
    const before = this.#writing.get(key) ?? Promise.resolve();
    const written = before.catch(() => undefined).then(() => this.#writeNewest(key));
    this.#writing.set(key, written);
    return written.finally(() => {
      if (this.#writing.get(key) === written) this.#writing.delete(key);
    });
  }

  async #writeNewest(key: string): Promise<void> {
    const snapshot = this.#waiting.get(key);
    // It went with the one before.
    if (snapshot === undefined) return;
    this.#waiting.delete(key);
    const stored: StoredSnapshot = {
      service_id: snapshot.serviceId,
      saved_at_ms: snapshot.savedAtMs,
      instances: snapshot.instances,
    };
    await this.#replace(this.#fileOf(snapshot.serviceId), JSON.stringify(stored));
  }

  async #replace(file: string, text: string): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    // A folder, because no other process can have one of the same name.
    const workshop = await mkdtemp(path.join(this.#directory, '.new-'));
    try {
      const fresh = path.join(workshop, 'snapshot.json');
      await writeFile(fresh, text);
      await rename(fresh, file);
    } finally {
      await rm(workshop, { recursive: true, force: true });
    }
  }

  /** Ids hold characters that file names cannot; the hash makes up for what is replaced. */
  #fileOf(serviceId: string): string {
    const key = serviceKeyOf(serviceId);
    const shown = key.slice(0, shownLength).replaceAll(/[^a-z0-9._-]/g, '_');
    const hash = createHash('sha256').update(key).digest('hex').slice(0, 16);
    return path.join(this.#directory, `${shown}-${hash}.json`);
  }
}

/** @throws Error or SyntaxError that says what is wrong with it */
function parseSnapshot(text: string, serviceId: string): ServiceSnapshot {
  const stored = JSON.parse(text) as Partial<StoredSnapshot> | null;
  const { success, data, error } = serviceSchema.safeParse(stored);
  if (!success) throw new Error(describeIssue(error, '', stored));
  const savedAtMs = stored?.saved_at_ms;
  if (typeof savedAtMs !== 'number') throw new Error('saved_at_ms: expected a number');
  if (serviceKeyOf(data.service_id) !== serviceKeyOf(serviceId))
    throw new Error(`it is of ${data.service_id}`);
  // What was written had no nulls.
  return { serviceId: data.service_id, savedAtMs, instances: data.instances as DiscoveredInstance[] };
}
