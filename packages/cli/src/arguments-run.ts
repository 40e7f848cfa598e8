/** Reads the options of `artemis run` and `artemis watch`, which run until they are ended. */
import { nodeUrls } from './addresses.js';
import { instanceFlags, requireFields } from './arguments-registry.js';
import type { RunOptions } from './commands/run-program.js';
import type { WatchOptions } from './commands/watch.js';
import { watchOptions } from './help-discovery.js';
import { checkDefaults, runOptions } from './help-run.js';
import type { Host } from './host.js';
import { integerOf, refuseUnknown, secondsOf, usageFailure, valueOf, type Read } from './usage.js';

export function parseWatch(read: Read, env: Host['env']): WatchOptions {
  const command = 'watch';
  refuseUnknown(command, read, ['SERVICE', ...Object.keys(watchOptions)]);
  const word = read['SERVICE'];
  const service = typeof word === 'string' ? word : undefined;
  const all = read['all'] === true;
  if (all === (service !== undefined))
    throw usageFailure(
      all ? 'SERVICE and --all exclude each other' : 'say what to watch: SERVICE or --all',
      command,
    );
  return { urls: nodeUrls(read, env, command), service, json: read['json'] === true };
}

/** @param args the whole command line: what follows `--` is the program, whatever it looks like */
export function parseRun(read: Read, env: Host['env'], args: readonly string[]): RunOptions {
  const command = 'run';
  const at = args.indexOf('--');
  const program = at < 0 ? [] : args.slice(at + 1);
  const words = read._.slice(1);
  refuseUnknown(command, { ...read, _: [command] }, Object.keys(runOptions));
  if (words.length > 0)
    throw usageFailure(`unexpected argument ${JSON.stringify(words[0])}, put -- before the COMMAND`, command);
  if (program.length === 0 || program[0] === '') throw usageFailure('-- COMMAND is missing', command);
  const flags = instanceFlags(read, command);
  requireFields(flags, command);
  return { urls: nodeUrls(read, env, command), flags, program, check: checkOf(read, command) };
}

const longestSecs = 3600;
const mostInRow = 1000;

function checkOf(read: Read, command: string): RunOptions['check'] {
  const target = valueOf('check', read['check'], command);
  const seconds = { command, least: 0.01, most: longestSecs };
  const numbers = { command, least: 1, most: mostInRow };
  const settings = {
    intervalMs: secondsOf('check-interval', read, seconds) ?? checkDefaults.intervalSecs * 1000,
    timeoutMs: secondsOf('check-timeout', read, seconds) ?? checkDefaults.timeoutSecs * 1000,
    upAfter: integerOf('check-up-after', read, numbers) ?? checkDefaults.upAfter,
    downAfter: integerOf('check-down-after', read, numbers) ?? checkDefaults.downAfter,
  };
  if (target !== undefined) return { target, ...settings };
  const lonely = Object.keys(read).find((name) => name.startsWith('check-'));
  if (lonely !== undefined) throw usageFailure(`--${lonely} needs --check`, command);
  return undefined;
}
