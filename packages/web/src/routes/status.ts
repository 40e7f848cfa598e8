import type { AppState, RouteQuery } from '@artemis/core';
import { json } from '../reply.js';
import type { Handlers } from './handlers.js';

type StatusState = Pick<AppState, 'cluster' | 'leases' | 'explainer' | 'config'>;

/** What a node says of itself. A POST asks the same as a GET: its body is ignored. */
export function statusHandlers({
  cluster,
  leases,
  explainer,
  config,
}: StatusState): Pick<Handlers, 'node' | 'cluster' | 'leases' | 'explain' | 'config'> {
  const node = () => json(cluster.node());
  const peers = () => json(cluster.status());
  const leasePage = ({ query }: { query: RouteQuery<'leases'> }) =>
    json(
      leases.leases({
        ...(query.service_id === undefined ? {} : { serviceId: query.service_id }),
        ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
        ...(query.limit === undefined ? {} : { limit: Number(query.limit) }),
      }),
    );
  return {
    node: { GET: node, POST: node },
    cluster: { GET: peers, POST: peers },
    leases: { GET: leasePage, POST: leasePage },
    explain: { GET: ({ query }) => json(explainer.explain(query)) },
    config: { GET: () => json(config.describe()) },
  };
}
