/** What `artemis cluster` and its two commands take, and how the help tells it. */
import type { Argv, Options } from 'yargs';
import { defaultAddress } from './addresses.js';

/** What each command does, by its name after `cluster`. */
export const clusterSummaries = {
  status: 'Show the nodes, what they think of each other, and whether they hold the same',
  wait: 'Wait until the cluster is as wanted',
} as const;

const addr = {
  type: 'string',
  description: 'HOST:PORT or URL of a node, or a list with commas; they name the others',
  defaultDescription: `ARTEMIS_ADDR, else ${defaultAddress}`,
} as const;

export const clusterStatusOptions = {
  addr,
  json: { type: 'boolean', description: 'Print JSON instead of tables' },
} as const satisfies Record<string, Options>;

export const defaultWaitSecs = 30;

export const clusterWaitOptions = {
  equal: { type: 'boolean', description: 'Until all nodes provably hold the same' },
  ready: { type: 'boolean', description: 'Until all nodes are ready' },
  nodes: { type: 'string', description: 'Until at least this NUMBER of nodes answer' },
  timeout: {
    type: 'string',
    description: 'SECONDS until it gives up',
    defaultDescription: String(defaultWaitSecs),
  },
  addr,
} as const satisfies Record<string, Options>;

const environmentText = `Environment:
  ARTEMIS_ADDR  the node to ask where --addr is not given`;

const statusText = `Nodes are provably equal when every node that any of them knows has answered,
has joined, and has the same digest of all its records. While changes are under
way digests differ for moments: tables that differ are looked at twice again
within a second. A node without a digest, an older one, is never called equal.

${environmentText}
  NO_COLOR      when not empty, the tables have no colours

Exit codes:
  0  provably equal
  1  not equal, or not to be proved
  2  the command line makes no sense
  3  nothing can be said: the node does not answer`;

const waitText = `What is waited for can be combined; one line tells how it ended.

${environmentText}

Exit codes:
  0  it is as wanted
  1  it is not, and the time is over
  2  the command line makes no sense
  3  no node answered until the time was over`;

export function describeCluster(parser: Argv) {
  return parser
    .usage('Usage: $0 cluster COMMAND [OPTIONS]\n\nSees or awaits that all nodes of a cluster hold the same.')
    .example([
      ['$0 cluster status', 'How it is at this moment'],
      ['$0 cluster wait --equal', 'For pipelines'],
    ]);
}

export function describeClusterStatus(parser: Argv) {
  return parser
    .usage(`Usage: $0 cluster status [OPTIONS]\n\n${clusterSummaries.status}.`)
    .options(clusterStatusOptions)
    .example([
      ['$0 cluster status', 'By way of the node here'],
      ['$0 cluster status --addr node1:8080', 'By way of another'],
      ['$0 cluster status --json', 'For a program'],
    ])
    .epilogue(statusText);
}

export function describeClusterWait(parser: Argv) {
  return parser
    .usage(
      `Usage: $0 cluster wait (--equal | --ready | --nodes NUMBER)... [OPTIONS]\n\n${clusterSummaries.wait}.`,
    )
    .options(clusterWaitOptions)
    .example([
      ['$0 cluster wait --equal --nodes 3', 'Three nodes or more'],
      ['$0 cluster wait --ready --timeout 9', 'Not longer than that'],
    ])
    .epilogue(waitText);
}
