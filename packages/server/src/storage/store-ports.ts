/** The two ways to run the program of the store. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { NodePort, Numbered, StoreAnswer } from './store-messages.js';

/** Stands beside this file once it is compiled. */
const entry = new URL('./store-entry.js', import.meta.url);
const keptCharacters = 1000;
/** For what a commit brings; without a limit the thread would take ten times as much and give none of it back. */
const youngMegabytes = 6;

/** A thread: quick to talk to, keeps a slow disk from holding up the node, and takes the node with it when it crashes. */
export function threadPort(): NodePort {
  const worker = new Worker(entry, {
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes },
  });
  let said = '';
  worker.on('error', (error) => (said = String(error)));
  return {
    send: (request) => worker.postMessage(request),
    receive: (listener) => worker.on('message', (answer) => listener(answer as Numbered<StoreAnswer>)),
    ended: (listener) => worker.on('exit', (code) => listener({ code, signal: null, said })),
    kill: () => void worker.terminate(),
  };
}

/** A process: may crash. */
export function processPort(): NodePort {
  const child = fork(fileURLToPath(entry), [], {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  const say = (text: string) => (said = (said + text).slice(-keptCharacters));
  child.stderr?.setEncoding('utf8').on('data', say);
  child.on('error', (error) => say(error.message));
  return {
    // What cannot be sent is not answered either: the end of the process says why.
    send: (request) => void (child.connected && child.send(request, () => undefined)),
    receive: (listener) => child.on('message', (answer) => listener(answer as Numbered<StoreAnswer>)),
    ended: (listener) => {
      child.on('close', (code, signal) => listener({ code, signal, said }));
      child.on('error', () => child.pid === undefined && listener({ code: null, signal: null, said }));
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
