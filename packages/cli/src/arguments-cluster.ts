/** Reads the options of `artemis cluster`. */
import { nodeUrls } from './addresses.js';
import type { ClusterStatusOptions } from './commands/cluster-status.js';
import type { ClusterWaitOptions } from './commands/cluster-wait.js';
import * as help from './help-cluster.js';
import type { Host } from './host.js';
import { integerOf, refuseUnknown, usageFailure, type Read } from './usage.js';

/** The longest time and the largest number that make sense. */
const most = 86_400;

export function parseClusterStatus(read: Read, env: Host['env']): ClusterStatusOptions {
  const command = 'cluster status';
  refuseUnknown(command, read, Object.keys(help.clusterStatusOptions));
  return { urls: nodeUrls(read, env, command), json: read['json'] === true };
}

export function parseClusterWait(read: Read, env: Host['env']): ClusterWaitOptions {
  const command = 'cluster wait';
  refuseUnknown(command, read, Object.keys(help.clusterWaitOptions));
  const nodes = integerOf('nodes', read, { command, least: 1, most });
  const options = { equal: read['equal'] === true, ready: read['ready'] === true, nodes };
  if (!options.equal && !options.ready && nodes === undefined)
    throw usageFailure('say what to wait for: --equal, --ready, --nodes', command);
  const timeoutSecs = integerOf('timeout', read, { command, least: 0, most }) ?? help.defaultWaitSecs;
  return { urls: nodeUrls(read, env, command), timeoutMs: timeoutSecs * 1000, ...options };
}
