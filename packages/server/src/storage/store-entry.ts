/** Runs the program of the store: as a thread of a node, or as a process that may crash without it. */
import { parentPort } from 'node:worker_threads';
import type { Numbered, ProgramPort, StoreRequest } from './store-messages.js';
import { StoreProgram } from './store-program.js';

const thread = parentPort;

const port: ProgramPort =
  thread === null
    ? {
        send: (answer) =>
          new Promise((resolve) => {
            process.send?.(answer, () => resolve());
          }),
        receive: (listener) =>
          process.on('message', (request) => listener(request as Numbered<StoreRequest>)),
      }
    : {
        send: async (answer) => thread.postMessage(answer),
        receive: (listener) => thread.on('message', (request) => listener(request as Numbered<StoreRequest>)),
      };

if (thread === null) {
  // A key at the terminal is meant for the node, which ends this process when it has no more use for it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.on('disconnect', () => process.exit());
}
new StoreProgram(port);
