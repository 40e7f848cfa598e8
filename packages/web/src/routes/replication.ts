import type { AppState, ReplicaService } from '@artemis/core';
import { JsonPieces } from '@artemis/core';
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
      POST: ({ body }) => jsonBody(inTurns(peers.records(body), scheduler)),
    },
    replicaLeases: { POST: ({ body }) => jsonBody(inTurns(peers.leaseAges(body), scheduler)) },
    replicaServices: { GET: () => jsonBody(inTurns(tableText(peers.services()), scheduler)) },
  };
}

/** The table can be larger than any string should be: one service at a time is put into words. */
function* tableText(services: Iterable<ReplicaService>): Generator<Uint8Array> {
  const pieces = new JsonPieces();
  pieces.raw('{"response_status":{"error_code":"success"},"services":[');
  let separator = '';
  for (const service of services) {
    pieces.raw(separator);
    pieces.value(service);
    pieces.endItem();
    separator = ',';
    if (pieces.isFull) yield pieces.take();
  }
  pieces.raw(']}');
  yield pieces.take();
}
