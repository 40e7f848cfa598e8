import type { Cluster, ClusterStatus, NodeStatus, PeerStatus, UpNodesResponse } from '@artemis/core';
import type { ReplicationManager } from '../replication/manager.js';
import type { ClusterManager } from './manager.js';
import type { Peer } from './peer.js';

interface ClusterViewOptions {
  readonly self: () => NodeStatus;
  readonly cluster: ClusterManager;
  readonly replication: ReplicationManager;
}

/** The cluster as this node sees it, for operators and clients. */
export class ClusterView implements Cluster {
  readonly #options: ClusterViewOptions;

  constructor(options: ClusterViewOptions) {
    this.#options = options;
  }

  node(): NodeStatus {
    return this.#options.self();
  }

  status(): ClusterStatus {
    return { self: this.node(), peers: this.peers() };
  }

  peers(): PeerStatus[] {
    return this.#options.cluster.peers.map((peer) => this.#describe(peer));
  }

  upNodes(): UpNodesResponse {
    const self = this.node();
    const nodes = self.status === 'up' ? [nodeOf(self, `http://${self.address}`)] : [];
    for (const { state, double, identity, url } of this.#options.cluster.peers) {
      if (double === 'of-this-node') continue;
      if (state === 'alive' && identity?.status === 'up') nodes.push(nodeOf(identity, url));
    }
    return { response_status: { error_code: 'success' }, nodes };
  }

  #describe(peer: Peer): PeerStatus {
    const worker = this.#options.replication.worker(peer);
    const repair = this.#options.replication.repairOf(peer);
    const { identity, lastHeardWallMs, lastError } = peer;
    return {
      address: peer.address,
      url: peer.url,
      ...(identity && {
        node_id: identity.node_id,
        run_id: identity.run_id,
        region: identity.region,
        zone: identity.zone,
        version: identity.version,
      }),
      status: peer.state,
      ...(peer.source === 'learned' && { learned: true as const }),
      ...(peer.double !== undefined && { duplicate: true as const }),
      since: isoTime(peer.sinceWallMs),
      ...(lastHeardWallMs !== undefined && { last_heard: isoTime(lastHeardWallMs) }),
      ...(lastError !== undefined && { last_error: lastError }),
      lag_ms: worker?.lagMs ?? 0,
      outbox_depth: worker?.depth ?? 0,
      ...(repair.equal !== undefined && { digest_equal: repair.equal }),
      repair_pending: repair.pending,
      ...(repair.repairedWallMs !== undefined && { last_repair: isoTime(repair.repairedWallMs) }),
    };
  }
}

function nodeOf({ region, zone }: NodeStatus, url: string): UpNodesResponse['nodes'][number] {
  return { zone: { region_id: region, zone_id: zone }, url };
}

function isoTime(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
