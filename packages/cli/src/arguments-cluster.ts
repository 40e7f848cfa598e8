/** Reads the options of `artemis cluster`. */
import { parsePeer } from '@artemis/core/config';
import type { ClusterStatusOptions } from './commands/cluster-status.js';
import type { ClusterWaitOptions } from './commands/cluster-wait.js';
import * as help from './help-cluster.js';
import type { Host } from './host.js';
import { refuseUnknown, usageFailure, valueOf, type Read } from './usage.js';

export function parseClusterStatus(read: Read, env: Host['env']): ClusterStatusOptions {
  const command = 'cluster status';
  refuseUnknown(command, read, Object.keys(help.clusterStatusOptions));
  return { url: urlOf(read, env, command), json: read['json'] === true };
}

export function parseClusterWait(read: Read, env: Host['env']): ClusterWaitOptions {
  const command = 'cluster wait';
  refuseUnknown(command, read, Object.keys(help.clusterWaitOptions));
  const nodes = numberOf('nodes', read, { command, least: 1 });
  const options = { equal: read['equal'] === true, ready: read['ready'] === true, nodes };
  if (!options.equal && !options.ready && nodes === undefined)
    throw usageFailure('say what to wait for: --equal, --ready, --nodes', command);
  const timeoutSecs = numberOf('timeout', read, { command, least: 0 }) ?? help.defaultWaitSecs;
  return { url: urlOf(read, env, command), timeoutMs: timeoutSecs * 1000, ...options };
}

/** The node to ask: the option, the environment, this machine. */
function urlOf(read: Read, env: Host['env'], command: string): string {
  const option = valueOf('addr', read['addr'], command);
  const named = option ?? env['ARTEMIS_ADDR'];
  const text = named === undefined || named === '' ? help.defaultClusterAddress : named;
  const peer = parsePeer(text);
  if (peer !== undefined && !peer.resolved) return peer.url;
  const source = option === undefined ? 'ARTEMIS_ADDR' : '--addr';
  throw usageFailure(
    `${source} is ${JSON.stringify(text)}, expected HOST:PORT, http://HOST:PORT or https://HOST:PORT of a node`,
    command,
  );
}

const most = 86_400;

function numberOf(
  option: string,
  read: Read,
  { command, least }: { readonly command: string; readonly least: number },
): number | undefined {
  const text = valueOf(option, read[option], command);
  if (text === undefined) return undefined;
  const number = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  throw usageFailure(
    `--${option} is ${JSON.stringify(text)}, expected an integer from ${least} to ${most}`,
    command,
  );
}
