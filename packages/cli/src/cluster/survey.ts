/** Who belongs to a cluster, and what each of its nodes says. */
import { escapeControls } from '../escape-controls.js';
import { askNode } from './ask.js';
import type { NodeReport, PeerReport } from './node-report.js';

/** A node that was asked, or that another one spoke of. */
export interface SurveyedNode {
  /** Its id; its address where the id is not known. */
  readonly name: string;
  /** Where it was asked. */
  readonly url: string;
  readonly address: string;
  /** What it answered. */
  readonly report?: NodeReport;
  /** Why it did not answer. */
  readonly failure?: string;
}

type Ask = typeof askNode;

/**
 * Asks the nodes at these URLs, and then every node that one of them names, until nobody is left to be asked.
 * @param urls of nodes; each node is asked once, however many of its addresses are listed
 * @returns each node once, by name
 */
export async function survey(
  urls: readonly string[],
  timeoutMs: number,
  ask: Ask = askNode,
): Promise<SurveyedNode[]> {
  const asked = new Map<string, SurveyedNode>();
  let wave: readonly string[] = [...new Set(urls)];
  while (wave.length > 0) {
    const answers = await Promise.all(wave.map(async (url) => [url, await ask(url, timeoutMs)] as const));
    for (const [url, answer] of answers) asked.set(url, nodeOf(url, answer));
    wave = unasked(asked);
  }
  return distinct([...asked.values()]).sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

/** The node that a peer's entry stands for. */
export function findPeer(nodes: readonly SurveyedNode[], peer: PeerReport): SurveyedNode | undefined {
  return (
    nodes.find(({ report }) => isRunOf(report, peer)) ??
    nodes.find(({ url }) => url === peer.url) ??
    nodes.find(({ name }) => name === peer.node_id)
  );
}

function nodeOf(url: string, answer: Awaited<ReturnType<Ask>>): SurveyedNode {
  const asked = escapeControls(url.replace(/^https?:\/\//, ''));
  if ('failure' in answer) return { name: asked, url, address: asked, failure: answer.failure };
  const { self } = answer.report;
  return { name: self.node_id, url, address: self.address ?? asked, report: answer.report };
}

/** Where nodes are that were named and neither asked nor answered under another address. */
function unasked(asked: ReadonlyMap<string, SurveyedNode>): string[] {
  const nodes = [...asked.values()];
  const named = nodes
    .flatMap(({ report }) => report?.peers ?? [])
    .filter(({ url }) => /^https?:\/\//.test(url) && !asked.has(url))
    .filter((peer) => !nodes.some(({ report }) => isRunOf(report, peer)));
  return [...new Set(named.map(({ url }) => url))];
}

function isRunOf(report: NodeReport | undefined, { node_id: id, run_id: run }: PeerReport): boolean {
  return (
    report !== undefined && run !== undefined && report.self.run_id === run && report.self.node_id === id
  );
}

/** Without the second address of a node; those that did not answer get the name that others know them by. */
function distinct(nodes: readonly SurveyedNode[]): SurveyedNode[] {
  const answered = nodes.filter(
    ({ report }, index) =>
      report !== undefined &&
      nodes.findIndex(({ report: other }) => other !== undefined && sameNode(other, report)) === index,
  );
  const entries = answered.flatMap(({ report }) => report?.peers ?? []);
  const silent = new Map<string, SurveyedNode>();
  for (const node of nodes.filter(({ report }) => report === undefined)) {
    const known = entries.find(({ url, node_id: id }) => url === node.url && id !== undefined);
    const name = known?.node_id ?? node.name;
    // Else it answers, at another of its addresses, or is silent there too.
    const run = known?.run_id === undefined ? node.url : `${name}#${known.run_id}`;
    if (!answered.some((other) => other.name === name) && !silent.has(run))
      silent.set(run, { ...node, name });
  }
  return [...answered, ...silent.values()];
}

function sameNode({ self: a }: NodeReport, { self: b }: NodeReport): boolean {
  return a.node_id === b.node_id && a.run_id === b.run_id;
}
