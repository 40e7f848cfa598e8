import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RecordStore } from '@artemis/core';
import type { ArtemisConfig, ConfigOverrides } from '@artemis/core/config';
import { defaultConfig } from '@artemis/core/config';
import { anAliveRecord, CollectedLogger, SeededRandom, VirtualTime } from '@artemis/core/testing';
import { expect } from '@jest/globals';
import { createStore } from './create-store.js';
import type { FakePort } from './store-port.fixture.js';
import { localPort } from './store-port.fixture.js';

/** What a store of this configuration does with one record, in a folder that is gone afterwards. */
async function inFolder(
  storage: ConfigOverrides['storage'],
  look: (folder: string, thread: FakePort | undefined) => void,
): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'artemis-storage-'));
  const config = defaultConfig({ storage: { dataDir: path.join(folder, 'data'), ...storage } }).storage;
  const threads: FakePort[] = [];
  try {
    const store = storeOf(config, threads);
    await store.open();
    await store.commit({ put: [anAliveRecord()], forget: [] });
    look(folder, threads[0]);
    await store.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function storeOf(config: ArtemisConfig['storage'], threads: FakePort[]): RecordStore {
  const { clock, scheduler } = new VirtualTime();
  return createStore(config, {
    clock,
    scheduler,
    random: new SeededRandom(1),
    logger: new CollectedLogger(),
    facts: { pid: 1, hostName: 'host1', isAlive: () => true },
    startProcess: localPort,
    startThread: () => {
      const port = localPort();
      threads.push(port);
      return port;
    },
  });
}

/** What the keys of the store do that their defaults would not do. */
export const storageEffects: Readonly<Record<string, () => Promise<void>>> = {
  async 'storage.engine'() {
    await inFolder({ engine: 'lmdb' }, (folder) => expect(existsSync(path.join(folder, 'data'))).toBe(true));
    await inFolder({ engine: 'memory' }, (folder) =>
      expect(existsSync(path.join(folder, 'data'))).toBe(false),
    );
  },
  async 'storage.data_dir'() {
    await inFolder({}, (folder) => expect(existsSync(path.join(folder, 'data', 'data.mdb'))).toBe(true));
  },
  async 'storage.durability'() {
    const opened = (durability: string) => (_folder: string, thread: FakePort | undefined) =>
      expect(thread?.asked[0]).toMatchObject({ op: 'open', durability });
    await inFolder({}, opened('process'));
    await inFolder({ durability: 'disk' }, opened('disk'));
  },
};
