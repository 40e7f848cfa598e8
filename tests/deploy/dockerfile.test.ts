import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { apiRoutes } from '@artemis/core';
import { configKeys } from '@artemis/core/config';
import { describe, expect, it } from '@jest/globals';
import { validate } from 'dockerfile-utils';
import { readDeploy, root } from './deployment.js';

const text = readDeploy('Dockerfile');
/** Instructions, each on a line of its own. */
const instructions = text
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '');
const of = (name: string): string[] =>
  instructions.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));

describe('the Dockerfile', () => {
  it('has no mistakes', () => {
    const problems = validate(text).map(({ range, message }) => ({ line: range.start.line + 1, message }));
    expect(problems).toEqual([]);
  });

  it('copies what exists and is let through', () => {
    const copied = of('COPY')
      .filter((args) => !args.startsWith('--from'))
      .flatMap((args) => args.split(' ').slice(0, -1));
    expect(copied.length).toBeGreaterThan(4);
    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const ignored = readDeploy('Dockerfile.dockerignore').split('\n');
    expect(copied.filter((path) => !ignored.includes(`!${path}`))).toEqual([]);
  });

  it('runs scripts that exist', () => {
    const scripts = [...text.matchAll(/node (scripts\/\S+|node_modules\/\S+)/g)].map(([, path = '']) => path);
    expect(scripts).toContain('scripts/pnpm.mjs');
    expect(scripts.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('runs the node without privileges, which may write its store and nothing else', () => {
    expect(of('USER')).toEqual(['1000:1000']);
    const [, folder] = /ARTEMIS_STORAGE_DATA_DIR=(\S+)/.exec(text) ?? [];
    expect(configKeys.map(({ variable }) => variable)).toContain('ARTEMIS_STORAGE_DATA_DIR');
    expect(of('VOLUME')).toEqual([folder]);
    expect(text).toContain(`install -d -o 1000 -g 1000 -m 0750 ${folder}`);
  });

  it('asks for health by the route that there is, on the port that is served', () => {
    expect(of('HEALTHCHECK')).toEqual([
      expect.stringContaining(`http://127.0.0.1:8080${apiRoutes.health.path}'`),
    ]);
    expect(of('EXPOSE')).toEqual(['8080']);
  });

  it('starts the node itself, so that signals reach it', () => {
    expect(of('ENTRYPOINT')).toEqual(['["artemis"]']);
    expect(of('CMD')).toEqual(['["server"]']);
  });
});
