import * as z from 'zod';
import { responseStatusSchema } from './api.js';

/**
 * What a node thinks of a peer: `alive` after an answered call, `suspect` after a failed one or while it is only
 * heard, `dead` after repeated failures in silence, `leaving` once it has said that it stops.
 */
export const peerStateSchema = z.enum(['alive', 'suspect', 'dead', 'leaving']);
export type PeerState = z.infer<typeof peerStateSchema>;

/** The answer of `/api/status/node.json`, which is also the probe between nodes. */
export const nodeStatusSchema = z.object({
  node_id: z.string(),
  run_id: z.string().describe('drawn at each start'),
  status: z.enum(['starting', 'up', 'draining']),
  region: z.string(),
  zone: z.string(),
  address: z.string().describe('where peers and clients reach the node, HOST:PORT'),
  wall_time_ms: z.int().describe('unix ms'),
  version: z.string().describe('software version'),
  revision: z.int().describe('of the change log of this run'),
  live_records: z.int().describe('that the node vouches for'),
  root_digest: z.string().optional().describe('of these records: nodes with equal ones hold the same'),
  synced: z.boolean().optional().describe('whether it has caught up with its peers since its start'),
  uptime_ms: z.int(),
});
export type NodeStatus = z.infer<typeof nodeStatusSchema>;

export const peerStatusSchema = z.object({
  address: z.string(),
  url: z.string(),
  node_id: z.string().optional().describe('absent until the peer has answered'),
  run_id: z.string().optional(),
  region: z.string().optional(),
  zone: z.string().optional(),
  version: z.string().optional(),
  status: peerStateSchema,
  since: z.iso.datetime().describe('of the status'),
  last_heard: z.iso.datetime().optional().describe('last request or answer of the peer'),
  learned: z.literal(true).optional().describe('not of the configuration: it made itself known'),
  duplicate: z.literal(true).optional().describe('another running node has the same node id'),
  last_error: z.string().optional().describe('of the latest failed call, until one succeeds'),
  lag_ms: z.int().describe('age of the oldest change that still waits for the peer, 0 when none does'),
  outbox_depth: z.int(),
  digest_equal: z
    .boolean()
    .optional()
    .describe('whether it held the same live records when its digest was last seen; absent before that'),
  repair_pending: z.boolean().describe('whether an exchange with it is due or under way'),
  last_repair: z.iso.datetime().optional().describe('when an exchange last found a difference and ended it'),
});
export type PeerStatus = z.infer<typeof peerStatusSchema>;

export const clusterStatusSchema = z.object({ self: nodeStatusSchema, peers: z.array(peerStatusSchema) });
export type ClusterStatus = z.infer<typeof clusterStatusSchema>;

export const upNodesResponseSchema = z.object({
  response_status: responseStatusSchema,
  nodes: z.array(
    z.object({ zone: z.object({ region_id: z.string(), zone_id: z.string() }), url: z.string() }),
  ),
});
export type UpNodesResponse = z.infer<typeof upNodesResponseSchema>;

export const readinessSchema = z.object({
  ready: z.boolean(),
  gates: z.record(z.string(), z.object({ open: z.boolean(), reason: z.string().optional() })),
});
export type Readiness = z.infer<typeof readinessSchema>;

export const configResponseSchema = z.object({
  config: z.array(
    z.object({
      key: z.string().describe('section.key, as in the file'),
      value: z.unknown(),
      source: z.string().describe('default, file with line, environment variable or flag'),
    }),
  ),
});
export type ConfigResponse = z.infer<typeof configResponseSchema>;
