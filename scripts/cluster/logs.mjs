// Reading the logs of the nodes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, fstatSync, openSync, readSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Failure, filesOf, say } from './state.mjs';

const MOST_BYTES = 1024 * 1024;

/** The last `count` lines of a file, of what was written behind `from` (bytes). None when there is no file. */
export function lastLines(file, count, from = 0) {
  if (!existsSync(file)) return [];
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const begin = Math.max(from, size - MOST_BYTES, 0);
    const buffer = Buffer.alloc(Math.max(size - begin, 0));
    const length = readSync(descriptor, buffer, 0, buffer.length, begin);
    const lines = buffer.toString('utf8', 0, length).split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines.slice(-count);
  } finally {
    closeSync(descriptor);
  }
}

/** `logs` and `logs N`. */
export async function showLogs(dir, number) {
  if (number === undefined) {
    const directory = path.join(dir, 'logs');
    const names = existsSync(directory)
      ? readdirSync(directory).filter((file) => /^node\d+\.log$/.test(file))
      : [];
    if (names.length === 0) throw new Failure('there are no logs yet');
    for (const file of names.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))) {
      const name = path.basename(file, '.log');
      for (const line of lastLines(path.join(directory, file), 20)) say(`${name} | ${line}`);
    }
    return 0;
  }
  const { log } = filesOf(dir, `node${number}`);
  if (!/^\d+$/.test(number) || !existsSync(log))
    throw new Failure(`there is no log of a node '${number}': no ${log}`);
  if (!process.stdout.isTTY) {
    for (const line of lastLines(log, 100)) say(line);
    return 0;
  }
  process.on('SIGINT', () => {}); // Ctrl-C ends tail, and this with it
  await once(spawn('tail', ['-n', '100', '-f', log], { stdio: 'inherit' }), 'exit');
  return 0;
}
