import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { plantedBugs } from '../src/planted/bugs/index.js';
import type { PlantedResult } from '../src/planted/runner.js';
import { runPlanted } from '../src/planted/runner.js';
import { complaints, rowOf } from '../src/planted/table.js';

const root = resolve(import.meta.dirname, '../../..');
const prepare = join(root, 'scripts/prepare.mjs');

describe('Planted bugs', () => {
  let results: PlantedResult[];
  beforeAll(async () => {
    // They are planted in what is built, which must not be older than the sources.
    expect(spawnSync(process.execPath, [prepare], { encoding: 'utf8' })).toMatchObject({ status: 0 });
    results = await runPlanted(plantedBugs);
    // Long enough for a machine that is busy with much else: a run that hangs is ended by its own watchdog.
  }, 900_000);

  it('are at least twenty', () => {
    expect(plantedBugs.length).toBeGreaterThanOrEqual(20);
    expect(new Set(plantedBugs.map(({ name }) => name)).size).toBe(plantedBugs.length);
  });

  it('are all caught, and where there is none nobody cries', () => {
    expect(complaints(results)).toEqual([]);
  });

  it('are listed in docs/correctness.md, and nothing else is', () => {
    const text = readFileSync(join(root, 'docs/correctness.md'), 'utf8');
    const section = text.slice(text.indexOf('| planted bug |')).split('\n\n')[0] ?? '';
    const rows = section.split('\n').slice(2);
    expect(rows.map((row) => row.split(' | ').slice(0, 3).join(' | ') + ' |')).toEqual(
      plantedBugs.map(rowOf),
    );
  });
});
