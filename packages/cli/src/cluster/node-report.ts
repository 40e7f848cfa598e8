/**
 * What the cluster commands read of a node's answers, and nothing else of them: nodes of other versions must stay
 * readable while a cluster is upgraded node by node.
 */
import { z } from 'zod';
import { escapeControls } from '../escape-controls.js';

/** Text of a node, which ends up on a terminal. */
const text = z.string().transform(escapeControls);

const selfSchema = z.object({
  node_id: text,
  run_id: text.optional(),
  address: text.optional(),
  version: text.optional(),
  status: text,
  live_records: z.number().optional(),
  uptime_ms: z.number().optional(),
  /** Older nodes have none of these two. */
  root_digest: text.optional(),
  synced: z.boolean().optional(),
});

const peerSchema = z.object({
  address: text,
  url: z.string(),
  node_id: text.optional(),
  run_id: text.optional(),
  status: text,
  last_error: text.optional(),
  lag_ms: z.number().default(0),
  outbox_depth: z.number().default(0),
  digest_equal: z.boolean().optional(),
  repair_pending: z.boolean().optional(),
  last_repair: text.optional(),
});

export const clusterAnswerSchema = z.object({ self: selfSchema, peers: z.array(peerSchema) });

/** The answer of `/health/ready`, with 200 and with 503 alike. */
export const readyAnswerSchema = z.object({
  ready: z.boolean(),
  gates: z.record(text, z.object({ open: z.boolean(), reason: text.optional() })).default({}),
});

export type PeerReport = z.infer<typeof peerSchema>;

/** What a node says of itself and of its peers. */
export type NodeReport = z.infer<typeof clusterAnswerSchema> & {
  /** Absent when the node does not say. */
  readonly readiness?: z.infer<typeof readyAnswerSchema>;
};
