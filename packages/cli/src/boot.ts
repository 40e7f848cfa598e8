/** Puts a node together, and takes it apart again in the right order. */
import type { Logger } from '@artemis/core';
import type { HostPort, LoadedConfig } from '@artemis/core/config';
import { describeConfig, formatHostPort, parseHostPort } from '@artemis/core/config';
import { createNode, systemRuntime } from '@artemis/server';
import { createApp, listen } from '@artemis/web';
import { Failure } from './failure.js';

/** What a node is made of, so that tests can stand in for the parts. */
export interface Parts {
  readonly systemRuntime: typeof systemRuntime;
  readonly createNode: typeof createNode;
  readonly createApp: typeof createApp;
  readonly listen: typeof listen;
}

const realParts: Parts = { systemRuntime, createNode, createApp, listen };

export interface BootInput {
  readonly loaded: LoadedConfig;
  readonly logger: Logger;
}

/** A node that runs. */
export interface Booted {
  /** Where it listens. */
  readonly url: string;
  /** Takes no more requests, hands over what waits for peers, ends. Call it once. */
  stop(): Promise<void>;
}

const readyCheckIntervalMs = 100;

/** @throws Failure when it cannot listen */
export async function boot({ loaded, logger }: BootInput, parts = realParts): Promise<Booted> {
  const { config } = loaded;
  const { nodeId, listenAddr, drainTimeoutMs } = config.server;
  logger.info(`Node ID: ${nodeId}, Cluster mode: ${config.cluster.enabled ? 'enabled' : 'disabled'}`);

  const runtime = parts.systemRuntime(config, logger);
  const node = parts.createNode(config, runtime, {
    describeConfig: () => ({ config: describeConfig(loaded) }),
    processMetrics: true,
  });
  const app = parts.createApp(node.state);
  const { scheduler } = runtime;
  const listener = await parts
    .listen(app, { ...addressOf(listenAddr), scheduler, logger })
    .catch((error: unknown) => {
      throw cannotListen(error);
    });
  const url = `http://${formatHostPort(listener)}`;
  logger.info(`Listening on ${url}`);
  await node.start();

  const sayWhenReady = () => {
    if (!node.state.health.readiness().ready) return;
    cancelReadyCheck();
    logger.info(`Artemis node ${nodeId} is ready`);
  };
  const cancelReadyCheck = scheduler.every(readyCheckIntervalMs, sayWhenReady);
  sayWhenReady();

  return {
    url,
    async stop() {
      cancelReadyCheck();
      // In one turn: no new connection, no new write. Then both take their time, each at most the drain time.
      const closed = listener.close(drainTimeoutMs);
      const drained = node.drain();
      try {
        await Promise.all([closed, drained]);
      } finally {
        await node.stop();
      }
    },
  };
}

/** @param error whose message names the address and what is wrong with it */
function cannotListen(error: unknown): Failure {
  const problem = error instanceof Error ? error.message : String(error);
  return new Failure(`${problem}; choose another address with --addr or server.listen_addr`, {
    cause: error,
  });
}

function addressOf(listenAddr: string): HostPort {
  const address = parseHostPort(listenAddr);
  if (address === undefined) throw new Error(`server.listen_addr has not been checked: ${listenAddr}`);
  return address;
}
