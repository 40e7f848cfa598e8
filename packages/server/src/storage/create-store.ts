import type { Clock, Logger, Random, RecordStore, Scheduler } from '@artemis/core';
import type { ArtemisConfig } from '@artemis/core/config';
import type { ProcessFacts } from './directory-lock.js';
import { DirectoryLock } from './directory-lock.js';
import { LmdbStore } from './lmdb-store.js';
import { StoreDirectory } from './store-directory.js';
import type { NodePort } from './store-messages.js';
import { StoreReader } from './store-reader.js';
import { VolatileStore } from './volatile.js';

interface StoreSurroundings {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly logger: Logger;
  readonly facts: ProcessFacts;
  /** The two ways to run the program of the store. */
  readonly startThread: () => NodePort;
  readonly startProcess: () => NodePort;
}

/** The store that the configuration asks for. Nothing is touched before it is opened. */
export function createStore(
  { engine, dataDir, durability }: ArtemisConfig['storage'],
  { facts, random, startProcess, ...rest }: StoreSurroundings,
): RecordStore {
  if (engine === 'memory') return new VolatileStore();
  const directory = new StoreDirectory(dataDir);
  return new LmdbStore({
    directory,
    durability: durability === 'disk' ? 'disk' : 'process',
    lock: new DirectoryLock({ directory: directory.directory, facts, random, ...rest }),
    reader: new StoreReader({ scheduler: rest.scheduler, startProcess }),
    ...rest,
  });
}
