import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { Failure } from '../failure.js';
import { launch } from './program.js';

const folder = mkdtempSync(path.join(tmpdir(), 'artemis-program-'));
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  ['exit 0', 0],
  ['exit 7', 7],
  ['kill -KILL $$', 137],
  ['kill -TERM $$', 143],
])('%s ends with %d', async (script, code) => {
  expect(await launch(['sh', '-c', script]).ended).toBe(code);
});

it('passes signals on', async () => {
  const program = launch(['sleep', '600']);
  program.signal('SIGINT');
  expect(await program.ended).toBe(130);
  // Nobody is there any more.
  program.signal('SIGINT');
});

it('says why a program cannot be run, with the exit code of a shell', async () => {
  const data = path.join(folder, 'data');
  writeFileSync(data, 'data');
  chmodSync(data, 0o644);
  const refused = async (name: string) => {
    const failure: unknown = await launch([name]).ended.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Failure);
    const { message, exitCode } = failure as Failure;
    return [message, exitCode];
  };
  expect(await refused('no-such-program\r')).toEqual([
    'cannot run no-such-program\\u000d: there is no such program',
    127,
  ]);
  expect(await refused(data)).toEqual([`cannot run ${data}: it may not be executed`, 126]);
});
