/** The files of deploy/, and the programs that check them. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtemisConfig } from '@artemis/core/config';
import { loadConfig } from '@artemis/core/config';
import { expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

export const root = join(import.meta.dirname, '../..');
export const deploy = join(root, 'deploy');

/** @param file from deploy/ */
export function readDeploy(file: string): string {
  return readFileSync(join(deploy, file), 'utf8');
}

/** The documents of a YAML file, which must be free of mistakes. */
export function yamlOf<Document>(file: string): Document[] {
  return parseAllDocuments(readDeploy(file), { merge: true, strict: true }).map((document) => {
    if (document.errors.length > 0) throw new Error(`${file}: ${document.errors.join('; ')}`);
    return document.toJS() as Document;
  });
}

/** What a node makes of a configuration file. */
export function configOf(text: string): ArtemisConfig {
  return loadConfig({ file: 'artemis.toml', text, env: {}, hostName: 'host1' }).config;
}

/** A duration as systemd and Compose write it, such as `20s` or `20`, in seconds. */
export function secondsOf(text: string | number | undefined): number {
  const [, digits] = /^(\d+)s?$/.exec(String(text)) ?? [];
  if (digits === undefined) throw new Error(`${text} is no duration in seconds`);
  return Number(digits);
}

interface Tool {
  readonly program: string;
  /** Debian's package that has it. */
  readonly from: string;
}

/** A check by a program that a machine may lack: left out there, but not where changes are judged. */
export function checkedBy(
  { program, from }: Tool,
  name: string,
  args: readonly string[],
  cwd = deploy,
): void {
  const isThere = spawnSync(program, ['--version']).error === undefined;
  if (!isThere && (process.env['CI'] ?? '') === '') {
    it.skip(`${name} (needs ${program} of Debian's package ${from})`, () => undefined);
    return;
  }
  it(name, () => {
    if (!isThere) throw new Error(`${program} is missing: apt-get install ${from}`);
    const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
    expect({ status, said: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, said: '' });
  });
}
