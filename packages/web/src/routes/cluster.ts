import type { AppState } from '@artemis/core';
import { json } from '../reply.js';
import type { Handlers } from './handlers.js';

/** Every node takes registrations and answers discovery, so both lists are the same. */
export function clusterHandlers({
  cluster,
}: Pick<AppState, 'cluster'>): Pick<Handlers, 'upRegistryNodes' | 'upDiscoveryNodes'> {
  const upNodes = () => json(cluster.upNodes());
  return { upRegistryNodes: { POST: upNodes }, upDiscoveryNodes: { POST: upNodes } };
}
