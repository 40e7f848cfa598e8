import type { AppState, RecordsResponse, ReplicaService } from '@artemis/core';
import { inTurns } from '../in-turns.js';
import { json, jsonBody } from '../reply.js';
import type { Handlers } from './handlers.js';

type ReplicationRoute =
  | 'replicaRegister'
  | 'replicaHeartbeat'
  | 'replicaUnregister'
  | 'replicaServices'
  | 'replicaDigest'
  | 'replicaRecords'
  | 'replicaLeases';

export function replicationHandlers({
  peers,
  scheduler,
}: Pick<AppState, 'peers' | 'scheduler'>): Pick<Handlers, ReplicationRoute> {
  return {
    replicaRegister: {
      POST: async ({ body, headers }) => json(await peers.register(body.instances, headers)),
    },
    replicaHeartbeat: { POST: ({ body, headers }) => json(peers.heartbeat(body.instance_keys, headers)) },
    replicaUnregister: {
      POST: async ({ body, headers }) => json(await peers.unregister(body.instance_keys, headers)),
    },
    replicaDigest: { POST: ({ body, headers }) => json(peers.digest(body, headers)) },
    replicaRecords: {
      POST: async ({ body }) => jsonBody(inTurns(recordsText(await peers.records(body)), scheduler)),
    },
    replicaLeases: { POST: async ({ body }) => json(await peers.leaseAges(body)) },
    replicaServices: { GET: () => jsonBody(inTurns(tableText(peers.services()), scheduler)) },
  };
}

/** A page of records is put into words bit by bit: clients wait meanwhile. */
function* recordsText({ instances, ...rest }: RecordsResponse): Generator<string> {
  yield `${JSON.stringify(rest).slice(0, -1)},"instances":[`;
  let separator = '';
  for (const instance of instances) {
    yield separator + JSON.stringify(instance);
    separator = ',';
  }
  yield ']}';
}

/** The table can be larger than any string should be: one service at a time is put into words. */
function* tableText(services: Iterable<ReplicaService>): Generator<string> {
  yield '{"response_status":{"error_code":"success"},"services":[';
  let separator = '';
  for (const service of services) {
    yield separator + JSON.stringify(service);
    separator = ',';
  }
  yield ']}';
}
