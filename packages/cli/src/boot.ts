/** Puts a node together, and takes it apart again in the right order. */
import type { HostPort, LoadedConfig } from '@artemis/core/config';
import { describeConfig, formatHostPort, parseHostPort } from '@artemis/core/config';
import type { ArtemisNode } from '@artemis/server';
import { createNode, StoreProblem, systemRuntime } from '@artemis/server';
import { createApp, listen } from '@artemis/web';
import { Failure } from './failure.js';
import type { LevelledLogger } from './logger.js';
import { Reloader } from './reload.js';

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
  /** Reads the configuration again. */
  readonly read: () => LoadedConfig;
  readonly logger: LevelledLogger;
}

/** A node that runs. */
export interface Booted {
  /** Where it listens. */
  readonly url: string;
  /** Reads the configuration again, applies what can be applied, and says what cannot. */
  reload(): void;
  /** Takes no more writes, hands over what waits for peers, then takes no more requests, ends. Call it once. */
  stop(): Promise<void>;
}

const readyCheckIntervalMs = 100;
/** Clients get at least this long to notice that the node stops, while it still answers, unless the drain time is short. */
const handOverMs = 300;

/** @throws Failure when it cannot listen, or cannot use its store */
export async function boot({ loaded, read, logger }: BootInput, parts = realParts): Promise<Booted> {
  const { config } = loaded;
  const { nodeId, listenAddr, drainTimeoutMs } = config.server;
  logger.info(`Node ID: ${nodeId}, Cluster mode: ${config.cluster.enabled ? 'enabled' : 'disabled'}`);

  const runtime = parts.systemRuntime(config, logger);
  const node: ArtemisNode = parts.createNode(config, runtime, {
    describeConfig: () => ({ config: describeConfig(reloader) }),
    processMetrics: true,
  });
  const reloader = new Reloader({ loaded, read, node, logger, setLevel: (level) => logger.setLevel(level) });
  const app = parts.createApp(node.state);
  const { scheduler, clock } = runtime;
  await node.open().catch((error: unknown) => {
    throw error instanceof StoreProblem ? new Failure(error.message, { cause: error }) : error;
  });
  const listener = await parts
    .listen(app, { ...addressOf(listenAddr), scheduler, logger, node: node.state, push: node.state })
    .catch(async (error: unknown) => {
      await node.stop();
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
    reload: () => reloader.reload(),
    async stop() {
      cancelReadyCheck();
      const begunMs = clock.monotonicMs();
      // Writes are refused while what was written is on its way to the peers; clients are sent elsewhere meanwhile.
      listener.handOver();
      const noticed = new Promise<void>((resolve) => {
        scheduler.after(Math.min(handOverMs, drainTimeoutMs / 3), resolve);
      });
      try {
        await Promise.all([node.drain(), noticed]);
      } finally {
        const leftMs = Math.max(0, begunMs + drainTimeoutMs - clock.monotonicMs());
        await listener.close(leftMs).finally(() => node.stop());
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
