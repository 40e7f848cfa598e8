/** The configuration as a command gets it: a file, the environment, flags, the name of the machine. */
import { readFileSync } from 'node:fs';
import type { ConfigOverrides, LoadedConfig } from '@artemis/core/config';
import { loadConfig } from '@artemis/core/config';
import { Failure } from './failure.js';
import type { Host } from './host.js';

export interface ConfigurationSources {
  /** Path of the configuration file; without one the other sources and the defaults must do. */
  readonly file?: string | undefined;
  /** Values of the command line by path, such as `server.listen_addr`. */
  readonly flags?: Readonly<Record<string, string | undefined>>;
  readonly overrides?: ConfigOverrides;
}

/**
 * @throws Failure when the file cannot be read
 * @throws ConfigError with everything that is wrong in it, in the environment and in the flags
 */
export function readConfiguration({ file, ...sources }: ConfigurationSources, host: Host): LoadedConfig {
  const text = file === undefined ? undefined : readText(file);
  return loadConfig({ ...sources, file, text, env: host.env, hostName: host.hostName });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'this user may not read it',
};

function readText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    throw new Failure(`cannot read the configuration file ${file}: ${reasonNotRead(error)}`);
  }
}

/** Why a text could not be read, as the end of a sentence. */
export function reasonNotRead(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is no UTF-8 text' : (reasons[code] ?? message);
}
