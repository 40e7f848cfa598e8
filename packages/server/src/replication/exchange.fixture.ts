import type { PeerRequest } from '@artemis/core';
import { apiRoutes } from '@artemis/core';
import type { SimEndpoint } from '@artemis/core/testing';
import { anInstance, peerEndpoint } from '@artemis/core/testing';
import type { SimCluster, SimNode } from '../node.fixture.js';
import { urlOf } from '../node.fixture.js';

type Answer = Awaited<ReturnType<SimEndpoint>>;

/** Puts something between the network and a node. */
export function intercept(
  { network }: Pick<SimCluster, 'network'>,
  name: string,
  { node }: SimNode,
  change: (request: PeerRequest, answer: () => Promise<Answer>) => Promise<Answer>,
): void {
  const endpoint = peerEndpoint(node.state);
  network.attach(urlOf(name), (request) => change(request, () => endpoint(request)));
}

interface Body {
  readonly instances?: readonly unknown[];
  readonly instance_keys?: readonly unknown[];
}

/** Counts the records that pass to or from each node: sent to it, or fetched from it. */
export function countRecords(cluster: SimCluster): { moved: number; pages: number } {
  const count = { moved: 0, pages: 0 };
  cluster.nodes.forEach((node, index) => {
    intercept(cluster, `node${index + 1}`, node, async (request, answer) => {
      const { instances, instance_keys: keys } = (request.body ?? {}) as Body;
      const isRenewal = request.path.startsWith(apiRoutes.replicaHeartbeat.path);
      if (!isRenewal) count.moved += instances?.length ?? keys?.length ?? 0;
      const answered = await answer();
      if (request.path.startsWith(apiRoutes.replicaRecords.path)) {
        count.moved += ((answered as { body?: Body }).body?.instances ?? []).length;
        if ((request.body as { keys?: unknown }).keys === undefined) count.pages += 1;
      }
      return answered;
    });
  });
  return count;
}

/** Cuts one node off from the others, both ways. */
export function isolate({ network }: SimCluster, name: string): void {
  for (const other of ['node1', 'node2', 'node3'].filter((peer) => peer !== name)) {
    network.cut(urlOf(name), urlOf(other));
    network.cut(urlOf(other), urlOf(name));
  }
}

export function rootsOf({ nodes }: SimCluster): (string | undefined)[] {
  return nodes.map(({ node }) => node.state.cluster.node().root_digest);
}

export function isEqual(cluster: SimCluster): boolean {
  return new Set(rootsOf(cluster)).size === 1;
}

/** Registers `count` instances at a node, `name0`, `name1`, … */
export async function registerMany(
  { time, nodes }: SimCluster,
  index: 0 | 1 | 2,
  count: number,
  name = 'i',
): Promise<void> {
  const instances = Array.from({ length: count }, (_, id) => anInstance({ instance_id: `${name}${id}` }));
  await time.finish(nodes[index].node.state.registry.register(instances));
}

/** The value of a metric of a node, of all its labels together. */
export async function metricOf({ node }: SimNode, name: string): Promise<number> {
  const { text } = await node.state.metrics.render();
  const lines = text.split('\n').filter((line) => new RegExp(`^artemis_${name}(?:\\{| )`).test(line));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
