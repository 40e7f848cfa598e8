import type { Change } from '@artemis/core';
import type { ConfigOverrides } from '@artemis/core/config';
import { defaultConfig } from '@artemis/core/config';
import type { SimRuntime, SimRuntimeOptions } from '@artemis/core/testing';
import { peerEndpoint, SeededRandom, simRuntime, SimNetwork, VirtualTime } from '@artemis/core/testing';
import type { ArtemisNode } from './node.js';
import { createNode } from './node.js';

export interface SimNode {
  readonly node: ArtemisNode;
  readonly runtime: SimRuntime;
  readonly changes: readonly Change[];
}

export interface SimCluster {
  readonly time: VirtualTime;
  readonly network: SimNetwork;
  readonly nodes: readonly [SimNode, SimNode, SimNode];
}

const names = ['node1', 'node2', 'node3'] as const;
const addressOf = (name: string): string => `${name}:8080`;
export const urlOf = (name: string): string => `http://${addressOf(name)}`;

/** Builds one of the nodes, again if it was there before. Whoever builds it starts it. */
export function build(
  name: string,
  shared: { readonly time: VirtualTime; readonly network: SimNetwork },
  overrides: ConfigOverrides = {},
  own: Pick<SimRuntimeOptions, 'skewMs' | 'store'> = {},
): SimNode {
  const config = defaultConfig({
    ...overrides,
    server: {
      nodeId: name,
      listenAddr: addressOf(name),
      advertiseAddr: addressOf(name),
      ...overrides.server,
    },
    cluster: {
      enabled: true,
      peers: names.filter((peer) => peer !== name).map(addressOf),
      ...overrides.cluster,
    },
  });
  const runtime = simRuntime({ ...shared, ...own, url: urlOf(name) });
  const node = createNode(config, runtime);
  shared.network.attach(urlOf(name), peerEndpoint(node.state), runtime.process);
  const changes: Change[] = [];
  node.changes.subscribe((change) => changes.push(change));
  return { node, runtime, changes };
}

/** Three nodes that know each other, on one virtual time and network. */
export async function threeNodes(overrides: ConfigOverrides = {}): Promise<SimCluster> {
  const time = new VirtualTime();
  const network = new SimNetwork({ scheduler: time.scheduler, random: new SeededRandom(1) });
  const [first, second, third] = names.map((name) => build(name, { time, network }, overrides));
  const nodes = [first, second, third] as [SimNode, SimNode, SimNode];
  for (const { node } of nodes) await node.start();
  await time.runUntil(() => nodes.every(({ node }) => isReady(node)), 10_000);
  await time.advance(200);
  return { time, network, nodes };
}

/** Whether it has joined, and sees that every peer has. */
function isReady({ state }: ArtemisNode): boolean {
  const isJoined = state.health.readiness().gates.synced?.open === true;
  return isJoined && state.cluster.upNodes().nodes.length === 1 + state.cluster.status().peers.length;
}

/** Instance ids that a node lists. */
export function listed({ node }: SimNode, serviceId = 'test-service'): string[] {
  const { service } = node.state.discovery.service({ service_id: serviceId }).response;
  return (service?.instances ?? []).map(({ instance_id: id }) => id);
}
