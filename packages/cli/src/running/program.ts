/** The program that `artemis run` runs. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { escapeControls } from '../escape-controls.js';
import { Failure } from '../failure.js';

export interface Program {
  readonly pid: number | undefined;
  /** Exit code as a shell would have it. Rejects with a Failure when it could not be started. */
  readonly ended: Promise<number>;
  signal(name: NodeJS.Signals): void;
}

/** @param command at least the name of a program */
export type Launch = (command: readonly string[]) => Program;

const notExecutable = 126;
const notFound = 127;
const bySignal = 128;

/** Starts it with the standard input and output of this process. */
export const launch: Launch = ([name = '', ...args]) => {
  const child = spawn(name, args, { stdio: 'inherit' });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', (error) => reject(notStarted(name, error)));
    child.once('exit', (code, signal) =>
      resolve(code ?? bySignal + (signal === null ? 0 : constants.signals[signal])),
    );
  });
  return { pid: child.pid, ended, signal: (signal) => void child.kill(signal) };
};

function notStarted(name: string, error: Error): Failure {
  const { code } = error as NodeJS.ErrnoException;
  const missing = code === 'ENOENT';
  const reason = missing
    ? 'there is no such program'
    : code === 'EACCES'
      ? 'it may not be executed'
      : error.message;
  return new Failure(`cannot run ${escapeControls(name)}: ${reason}`, {
    exitCode: missing ? notFound : notExecutable,
    cause: error,
  });
}
