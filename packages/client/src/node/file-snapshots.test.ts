import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aSnapshot, snapshotCases } from '../snapshots/snapshot-cases.fixture.js';
import { FileSnapshots } from './file-snapshots.js';

let folder: string;
const directory = () => path.join(folder, 'not', 'there', 'yet');
const files = () => readdirSync(directory());

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'artemis-snapshots-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('FileSnapshots', () => {
  snapshotCases(() => new FileSnapshots(directory()));

  it('gives another process what was saved', async () => {
    await new FileSnapshots(directory()).save(aSnapshot());
    expect(await new FileSnapshots(directory()).load('TEST-service')).toEqual(aSnapshot());
  });

  it('leaves one file for each service and nothing else, named after it', async () => {
    const [one, other] = [new FileSnapshots(directory()), new FileSnapshots(directory())];
    const saves = [0, 1, 2, 3].flatMap((savedAtMs) =>
      [one, other].map((store) => store.save(aSnapshot({ savedAtMs }))),
    );
    await Promise.all(saves);
    await one.save(aSnapshot({ serviceId: 'Orders / EU' }));
    expect(files().sort()).toEqual([
      expect.stringMatching(/^orders___eu-[0-9a-f]{16}\.json$/),
      expect.stringMatching(/^test-service-[0-9a-f]{16}\.json$/),
    ]);
  });

  describe('with a file that is broken', () => {
    const fileOf = () => path.join(directory(), files()[0] ?? '');
    const cases: [string, (text: string) => string][] = [
      ['empty', () => ''],
      ['cut off', (text) => text.slice(0, -20)],
      ['something else', () => 'null'],
      ['zeros', (text) => '\0'.repeat(text.length)],
      ['without its time', (text) => text.replace('saved_at_ms', 'saved')],
      ['of another service', (text) => text.replace('"service_id":"test-service"', '"service_id":"other"')],
      ['with an instance that is none', (text) => text.replace('"port":8080', '"port":"high"')],
    ];

    it.each(cases)('that is %s: says which, and replaces it', async (_what, broken) => {
      const store = new FileSnapshots(directory());
      await store.save(aSnapshot());
      writeFileSync(fileOf(), broken(readFileSync(fileOf(), 'utf8')));
      await expect(store.load('test-service')).rejects.toThrow(
        `${fileOf()} holds no snapshot of test-service: `,
      );
      await store.save(aSnapshot());
      expect(await store.load('test-service')).toEqual(aSnapshot());
    });
  });

  it('says so when it cannot write, and writes when it can', async () => {
    writeFileSync(path.join(folder, 'not'), 'a file where a directory should be');
    const store = new FileSnapshots(directory());
    await expect(store.save(aSnapshot())).rejects.toThrow(/ENOTDIR|EEXIST/);
    rmSync(path.join(folder, 'not'));
    await store.save(aSnapshot());
    expect(await store.load('test-service')).toEqual(aSnapshot());
  });
});
