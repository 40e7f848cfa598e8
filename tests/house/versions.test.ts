import { readdirSync, readFileSync } from 'node:fs';
import { softwareVersion } from '@artemis/core';
import { describe, expect, it } from '@jest/globals';

const root = new URL('../../', import.meta.url);
const homes = ['packages', 'examples'].flatMap((folder) =>
  readdirSync(new URL(folder, root)).map((name) => `${folder}/${name}`),
);

describe('the version', () => {
  it.each(homes)('of %s is the one that nodes tell', (home) => {
    const manifest = JSON.parse(readFileSync(new URL(`${home}/package.json`, root), 'utf8')) as {
      version?: string;
    };
    expect(manifest.version).toBe(softwareVersion);
  });
});
