/** Nodes as the cluster commands see them: real HTTP servers that answer what a test makes them say. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PeerReport } from './node-report.js';

type Fields = Record<string, unknown>;

/** What a fake node says; a test may change it at any time. */
export interface FakeNode {
  readonly address: string;
  readonly url: string;
  self: Fields;
  /** What it says of another node, by the URL of that one, besides who it is. */
  readonly views: Map<string, Fields>;
  /** What it knows of the cluster; at first all others. */
  peers: FakeNode[];
  readiness: Fields;
  /** Called before each answer, so that a test can change what is said from look to look. */
  beforeAnswer: () => void;
  /** A status and a body in place of every answer, or none at all. */
  instead?: { readonly status: number; readonly body: string } | 'silence';
  stop(): void;
}

/** The peers as the node at hand reports them. */
function peersOf(node: FakeNode): PeerReport[] {
  return node.peers.map((peer) => ({
    address: peer.address,
    url: peer.url,
    node_id: peer.self['node_id'] as string,
    run_id: peer.self['run_id'] as string,
    status: 'alive',
    lag_ms: 0,
    outbox_depth: 0,
    digest_equal: true,
    ...node.views.get(peer.url),
  }));
}

export class FakeCluster {
  readonly nodes: FakeNode[] = [];

  /** Nodes `node1` … that all hold the same and know each other. */
  async start(count: number): Promise<FakeNode[]> {
    for (let number = 1; number <= count; number += 1) this.nodes.push(await startNode(`node${number}`));
    for (const node of this.nodes) node.peers = this.nodes.filter((other) => other !== node);
    return this.nodes;
  }

  stop(): void {
    for (const node of this.nodes.splice(0)) node.stop();
  }
}

async function startNode(id: string): Promise<FakeNode> {
  const server = createServer((request, response) => {
    node.beforeAnswer();
    const isReady = node.readiness['ready'] === true;
    const [status, body] =
      request.url === '/health/ready'
        ? [isReady ? 200 : 503, node.readiness]
        : [request.url === '/api/status/cluster.json' ? 200 : 404, { self: node.self, peers: peersOf(node) }];
    if (node.instead === 'silence') return;
    const { instead = { status, body: JSON.stringify(body) } } = node;
    response.writeHead(instead.status, { 'content-type': 'application/json' }).end(instead.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const node: FakeNode = {
    address,
    url: `http://${address}`,
    self: {
      node_id: id,
      run_id: `run-of-${id}`,
      address,
      version: '1.2.3',
      status: 'up',
      live_records: 1000,
      uptime_ms: 8_040_000,
      root_digest: '3f2a91c0aabbccdd',
      synced: true,
    },
    views: new Map(),
    peers: [],
    readiness: { ready: true, gates: { synced: { open: true } } },
    beforeAnswer: () => undefined,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return node;
}
