import { formatHostPort, parseHostPort } from '@artemis/core/config';
import { boot } from '../boot.js';
import type { ConfigurationSources } from '../configuration.js';
import { readConfiguration } from '../configuration.js';
import { freePort } from '../free-port.js';
import type { Host } from '../host.js';
import { untilStopped } from '../lifetime.js';
import { Failure } from '../failure.js';
import { createLogger } from '../logger.js';

export interface ServerOptions {
  /** Path of the configuration file. */
  readonly file?: string | undefined;
  /** Values of the command line by path of their key. */
  readonly flags: Readonly<Record<string, string | undefined>>;
}

/** Runs a node until it is stopped, and answers the exit code. */
export async function runServer(options: ServerOptions, host: Host): Promise<number> {
  const sources = await withRealPort(options, host);
  const read = () => readConfiguration(sources, host);
  const loaded = read();
  const logger = createLogger(loaded.config.logging, host);
  if (options.file !== undefined) logger.info(`Loading configuration from ${options.file}`);
  return untilStopped(boot({ loaded, read, logger }), host.events, logger);
}

/** Port 0 stands for any free port: from here on every part of the configuration has the real one. */
async function withRealPort(sources: ServerOptions, host: Host): Promise<ConfigurationSources> {
  const { listenAddr, advertiseAddr } = readConfiguration(sources, host).config.server;
  const listen = parseHostPort(listenAddr);
  if (listen?.port !== 0) return sources;
  const port = await freePort(listen.host).catch((error: unknown) => {
    throw new Failure(`cannot listen on ${listenAddr}: ${(error as Error).message}`, { cause: error });
  });
  const real = (address: string) => withPort(address, port);
  return {
    ...sources,
    overrides: { server: { listenAddr: real(listenAddr), advertiseAddr: real(advertiseAddr) } },
  };
}

function withPort(address: string, port: number): string {
  const parsed = parseHostPort(address);
  return parsed?.port === 0 ? formatHostPort({ ...parsed, port }) : address;
}
