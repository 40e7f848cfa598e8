/** From the start of a node to its end: signals, failures and defects, and the exit code that each leads to. */
import type { Logger } from '@artemis/core';
import type { Booted } from './boot.js';
import { exitCodes } from './exit-codes.js';
import { Failure } from './failure.js';
import type { Host } from './host.js';

type StopSignal = 'SIGINT' | 'SIGTERM';

/**
 * Resolves with the exit code when the node has ended:
 *
 *     starting ──► running ──signal──► stopping ──► ok
 *        │            any: defect          │ signal
 *        ▼                 ▼               ▼
 *     failure           defect          130, 143
 *
 * A signal that comes while the node starts stops it as soon as it has started. SIGHUP stops nothing: it reloads the
 * configuration.
 */
export function untilStopped(
  starting: Promise<Booted>,
  events: Host['events'],
  logger: Logger,
): Promise<number> {
  return new Promise((resolve) => {
    const fail = (error: unknown) => {
      if (error instanceof Failure) logger.error(error.message);
      else
        logger.error('Ended by a defect', {
          error: error instanceof Error ? error : new Error(String(error)),
        });
      resolve(error instanceof Failure ? error.exitCode : exitCodes.defect);
    };
    const stop = async (booted: Booted) => {
      await booted.stop();
      logger.info('Stopped');
      resolve(exitCodes.ok);
    };

    let stopping = false;
    const reload = (booted: Booted) => {
      if (!stopping) booted.reload();
    };
    const onSignal = (signal: StopSignal) => {
      if (stopping) {
        logger.warn(`${signal} again: ending at once with exit code ${exitCodes[signal]}`);
        resolve(exitCodes[signal]);
        return;
      }
      stopping = true;
      logger.info(`${signal}: stopping; a second signal ends the node at once`);
      // A start that failed has been told already.
      void starting.then(stop, () => undefined).catch(fail);
    };
    starting.catch(fail);
    events.on('SIGINT', () => onSignal('SIGINT'));
    events.on('SIGTERM', () => onSignal('SIGTERM'));
    events.on('SIGHUP', () => {
      logger.info('SIGHUP: reading the configuration again');
      void starting.then(reload, () => undefined).catch(fail);
    });
    // Unhandled rejections arrive here too.
    events.on('uncaughtException', fail);
  });
}
