/** The questions that the commands for people ask a node. */
import { apiRoutes, keyOf } from '@artemis/core';
import * as answers from './answers.js';
import type { Explanation, HeldLease, Key, ListedInstance } from './answers.js';
import type { RegistryNodes } from './nodes.js';

type Place = { readonly region?: string | undefined; readonly zone?: string | undefined };

/** A service with the instances that the node lists, whatever their status. `undefined`: it does not know the service. */
export async function askService(
  nodes: RegistryNodes,
  serviceId: string,
): Promise<
  { service_id: string; instances: ListedInstance[]; revision?: number; log_id?: string } | undefined
> {
  const { service, response_status, revision, log_id } = await nodes.ask({
    method: 'POST',
    path: `${apiRoutes.service.path}.json`,
    body: { discovery_config: { service_id: serviceId, discovery_data: { status: 'any' } } },
    schema: answers.serviceAnswerSchema,
  });
  if (service === undefined || response_status.error_code !== 'success') return undefined;
  return { ...service, ...(revision !== undefined && { revision }), ...(log_id !== undefined && { log_id }) };
}

const servicesPage = 1000;

/** The services that have an instance there, page by page. */
export async function* askServices(
  nodes: RegistryNodes,
  {
    region,
    zone,
    prefix,
    fields,
  }: Place & { readonly prefix?: string | undefined; readonly fields?: 'names' },
): AsyncGenerator<{ service_id: string; instances: ListedInstance[] }> {
  let cursor: string | undefined;
  do {
    const page = await nodes.ask({
      method: 'POST',
      path: `${apiRoutes.services.path}.json`,
      body: { region_id: region, zone_id: zone, prefix, fields, cursor, limit: servicesPage },
      schema: answers.servicesAnswerSchema,
    });
    yield* page.services;
    cursor = page.next_cursor;
  } while (cursor !== undefined);
}

const leasesPage = '5000';

/** The leases of all live instances of a service, also of those that discovery hides. */
export async function askLeases(nodes: RegistryNodes, serviceId: string): Promise<HeldLease[]> {
  const leases: HeldLease[] = [];
  let cursor: string | undefined;
  do {
    const page = await nodes.ask({
      method: 'GET',
      path: `${apiRoutes.leases.path}.json`,
      query: { service_id: serviceId, cursor, limit: leasesPage },
      schema: answers.leasesAnswerSchema,
    });
    leases.push(...page.services.flatMap((service) => service.leases));
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return leases;
}

export function leasesByKey(leases: readonly HeldLease[]): Map<string, HeldLease> {
  return new Map(leases.map((lease) => [keyOf(lease.instance_key), lease]));
}

export function askExplanation(nodes: RegistryNodes, key: Key): Promise<Explanation> {
  return nodes.ask({
    method: 'GET',
    path: `${apiRoutes.explain.path}.json`,
    query: { ...key, group_id: key.group_id ?? undefined },
    schema: answers.explainAnswerSchema,
  });
}

/** Region and zone of the node that is asked. */
export function askPlace(nodes: RegistryNodes): Promise<{ region: string; zone: string }> {
  return nodes.ask({
    method: 'GET',
    path: `${apiRoutes.node.path}.json`,
    schema: answers.nodeAnswerSchema,
  });
}
