import type { Logger } from '@artemis/core';
import type { Identity } from '../identity.js';
import type { Double, Peer } from './peer.js';

/**
 * Finds nodes that run with one node id. Of two peers both must have answered since the second was found: a node that
 * was started anew elsewhere is no double of what it was.
 */
export class DoubleWatch {
  readonly #identity: Identity;
  readonly #logger: Logger;
  /** Since when two peers of a node id are known, monotonic ms. */
  readonly #foundMs = new Map<string, number>();
  /** Node ids that were complained of. */
  readonly #told = new Set<string>();

  constructor(identity: Identity, logger: Logger) {
    this.#identity = identity;
    this.#logger = logger;
  }

  /** Sets which peers are doubles. Answers those that should be asked again before that can be said of them. */
  review(peers: readonly Peer[], nowMs: number): Peer[] {
    const doubles = new Map<Peer, Double>();
    const unsure: Peer[] = [];
    const groups = byNodeId(peers.filter(isRunning));
    for (const [nodeId, group] of groups) {
      for (const peer of this.#doublesOfSelf(group)) doubles.set(peer, 'of-this-node');
      if (new Set(group.map(runIdOf)).size < 2) {
        this.#foundMs.delete(nodeId);
        continue;
      }
      const foundMs = this.#foundMs.get(nodeId) ?? nowMs;
      this.#foundMs.set(nodeId, foundMs);
      const late = group.filter(({ identifiedMs, double }) => identifiedMs < foundMs && double === undefined);
      if (late.length > 0) unsure.push(...late);
      else for (const peer of group) doubles.set(peer, doubles.get(peer) ?? 'of-a-peer');
    }
    for (const nodeId of this.#foundMs.keys()) if (!groups.has(nodeId)) this.#foundMs.delete(nodeId);
    for (const peer of peers) peer.double = doubles.get(peer);
    this.#tell(doubles);
    return unsure;
  }

  #doublesOfSelf(group: readonly Peer[]): Peer[] {
    const { nodeId } = this.#identity;
    return group.filter((peer) => nodeIdOf(peer) === nodeId && !this.#identity.isOwnRun(runIdOf(peer)));
  }

  #tell(doubles: ReadonlyMap<Peer, Double>): void {
    const byNode = byNodeId([...doubles.keys()]);
    for (const [nodeId, peers] of byNode) {
      if (this.#told.has(nodeId)) continue;
      this.#told.add(nodeId);
      const where = peers.map(({ address }) => address).join(' and ');
      const text =
        nodeId === this.#identity.nodeId
          ? `Another node runs with the node id of this one, ${nodeId}, at ${where}: nothing is taken from it or sent to it`
          : `Several nodes run with the node id ${nodeId}, at ${where}`;
      this.#logger.error(`${text}. Give each node a server.node_id of its own`);
    }
    for (const nodeId of this.#told) {
      if (byNode.has(nodeId)) continue;
      this.#told.delete(nodeId);
      this.#logger.info(`No second node runs with the node id ${nodeId} any more`);
    }
  }
}

/** One that leaves is no double of its successor; one that was found to be a double is until it is dead. */
function isRunning({ identity, state, double }: Peer): boolean {
  if (identity === undefined || identity.status === 'draining') return false;
  return state === 'alive' || (state === 'suspect' && double !== undefined);
}

function byNodeId(peers: readonly Peer[]): Map<string, Peer[]> {
  const groups = new Map<string, Peer[]>();
  for (const peer of peers) groups.set(nodeIdOf(peer), [...(groups.get(nodeIdOf(peer)) ?? []), peer]);
  return groups;
}

function nodeIdOf({ identity }: Peer): string {
  return identity?.node_id ?? '';
}

function runIdOf({ identity }: Peer): string {
  return identity?.run_id ?? '';
}
