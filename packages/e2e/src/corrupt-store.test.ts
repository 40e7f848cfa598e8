import { closeSync, openSync, readdirSync, statSync, truncateSync, writeSync } from 'node:fs';
import path from 'node:path';
import { SeededRandom, anInstance } from '@artemis/core/testing';
import { describe, expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { startNode, untilConnected, type NodeProcess } from './harness/node-process.js';
import { freePort, freePorts, host } from './harness/ports.js';
import { useStage } from './harness/stage.js';

const patient = { lease: { ttl_secs: 600 } };
const pageBytes = 4096;
const count = 2000;

/** Ways to break a store's file. Page 0 and 1 are lmdb's roots. */
const damages: Readonly<Record<string, (file: string) => void>> = {
  'truncated to nothing': (file) => truncateSync(file, 0),
  'truncated to its roots': (file) => truncateSync(file, 2 * pageBytes),
  'truncated to half': (file) => truncateSync(file, statSync(file).size / 2),
  zeroed: (file) => overwrite(file, 0, statSync(file).size, () => 0),
  'without roots': (file) => overwrite(file, 0, 2 * pageBytes, () => 0),
  'garbled in its roots': (file) => overwrite(file, 0, 2 * pageBytes, noise()),
  'garbled but for its roots': (file) => overwrite(file, 2 * pageBytes, statSync(file).size, noise()),
  'zeroed but for its roots': (file) => overwrite(file, 2 * pageBytes, statSync(file).size, () => 0),
  'no store at all': (file) => overwrite(file, 0, statSync(file).size, (at) => 65 + (at % 26)),
};

function noise(): () => number {
  const random = new SeededRandom(34);
  return () => Math.floor(random.next() * 256);
}

function overwrite(file: string, from: number, to: number, byte: (at: number) => number): void {
  const bytes = Buffer.alloc(to - from);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = byte(at);
  const opened = openSync(file, 'r+');
  writeSync(opened, bytes, 0, bytes.length, from);
  closeSync(opened);
}

const dataFile = ({ dataDir }: NodeProcess): string => path.join(dataDir, 'data.mdb');

async function fill({ api }: NodeProcess): Promise<void> {
  const instances = Array.from({ length: count }, (_, index) => anInstance({ instance_id: `inst-${index}` }));
  await api.register(instances);
}

async function stopped(node: NodeProcess, signal: NodeJS.Signals): Promise<void> {
  node.signal(signal);
  await node.exitWithin(30_000);
}

/** Where the store was put, as the log says and the disk shows. */
function movedTo(node: NodeProcess): string {
  const [, aside = ''] = /was corrupt: .*It was moved to (\S+)\. /.exec(node.log) ?? [];
  expect(node.log).toMatch(/ error .*was corrupt: /);
  expect(path.dirname(aside)).toBe(node.dataDir);
  expect(readdirSync(aside)).toEqual(['data.mdb']);
  return aside;
}

describe('34: a store that was damaged between two runs', () => {
  const stage = useStage();

  const runs = [
    ['SIGTERM', ['truncated to nothing', 'truncated to half', 'zeroed', 'garbled but for its roots']],
    ['SIGKILL', Object.keys(damages)],
  ] as const;

  for (const [signal, names] of runs) {
    stage.test(`after ${signal}: is moved aside, and the node comes up and can be filled again`, async () => {
      const options = { name: 'node1', port: await freePort(), settings: patient };
      let node = await startNode(stage, options);
      const seen = new Set<string>();
      for (const name of names) {
        await fill(node);
        await stopped(node, signal);
        damages[name]?.(dataFile(node));
        node = await startNode(stage, options);
        seen.add(movedTo(node));
        expect([name, (await node.api.status()).live_records]).toEqual([name, 0]);
      }
      expect(seen.size).toBe(names.length);
      await fill(node);
      await stopped(node, signal);
      const last = await startNode(stage, options);
      expect((await last.api.status()).live_records).toBe(count);
    });
  }

  stage.test('is rebuilt from a peer', async () => {
    const [port1 = 0, port2 = 0] = await freePorts(2);
    const options1 = { name: 'node1', port: port1, peers: [`${host}:${port2}`], settings: patient };
    const options2 = { name: 'node2', port: port2, peers: [`${host}:${port1}`], settings: patient };
    const [node1, node2] = await Promise.all([startNode(stage, options1), startNode(stage, options2)]);
    await untilConnected([node1, node2]);
    await fill(node1);
    await eventually(async () => expect((await node2.api.status()).live_records).toBe(count));
    await stopped(node2, 'SIGKILL');
    damages['truncated to half']?.(dataFile(node2));
    const again = await startNode(stage, options2);
    movedTo(again);
    await eventually(async () => expect((await again.api.status()).live_records).toBe(count));
  });

  stage.test('is none when only the lock file of lmdb was damaged', async () => {
    const options = { name: 'node1', port: await freePort(), settings: patient };
    const node = await startNode(stage, options);
    await fill(node);
    await stopped(node, 'SIGKILL');
    overwrite(path.join(node.dataDir, 'lock.mdb'), 0, 8192, noise());
    const again = await startNode(stage, options);
    expect((await again.api.status()).live_records).toBe(count);
    expect(again.log).not.toContain('corrupt');
  });
});
