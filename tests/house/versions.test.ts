import { readdirSync, readFileSync } from 'node:fs';
import { softwareVersion } from '@artemis/core';
import { describe, expect, it } from '@jest/globals';

const packages = new URL('../../packages/', import.meta.url);

describe('the version', () => {
  it.each(readdirSync(packages))('of packages/%s is the one that nodes tell', (name) => {
    const manifest = JSON.parse(readFileSync(new URL(`${name}/package.json`, packages), 'utf8')) as {
      version?: string;
    };
    expect(manifest.version).toBe(softwareVersion);
  });
});
