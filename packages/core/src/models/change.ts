import * as z from 'zod';
import type { RegistryRecord } from './record.js';
import { discoveredInstanceSchema } from './service.js';

/**
 * Where a change came from. Only `local` ones go to the outboxes: what a peer sent is never passed on. A `view` is a
 * change of what this node thinks of a record, never of the record: discovery and watchers follow it, and nobody else.
 */
export type ChangeOrigin = 'local' | 'peer' | 'recovery' | 'view';

/**
 * `moved` is a change of owner with equal content: it reaches outboxes and store, but no watcher. The last three are
 * those of a `view`.
 */
export type ChangeReason =
  'registered' | 'unregistered' | 'expired' | 'refuted' | 'moved' | 'unconfirmed' | 'hidden' | 'confirmed';

export type ChangeType = 'new' | 'change' | 'delete';

/**
 * How a node shows a live record: as any other; with the note that it cannot vouch for the lease; or not at all, though
 * it keeps the record.
 */
export const visibilitySchema = z.enum(['listed', 'unconfirmed', 'hidden']);
export type Visibility = z.infer<typeof visibilitySchema>;

/** One step of a node's table. */
export interface Change {
  /** Number of this change in the node's change log, from 1. */
  readonly revision: number;
  readonly record: RegistryRecord;
  /** What the table held before, a tombstone included. */
  readonly previous: RegistryRecord | undefined;
  readonly origin: ChangeOrigin;
  readonly reason: ChangeReason;
  /** How watchers see it; `undefined` when what they see stayed the same. */
  readonly type: ChangeType | undefined;
  /** How the record is shown from here on; `undefined` when it is not alive. */
  readonly visibility: Visibility | undefined;
  /** Wall time of the change at this node, unix ms. */
  readonly wallMs: number;
  /** Milliseconds since the lease was last renewed, as known with this change. */
  readonly ageMs: number;
  /** Whether a client itself registered it at this node, by this change. */
  readonly byClient: boolean;
}

/** A change as watchers and delta readers get it. */
export const instanceChangeSchema = z.object({
  instance: discoveredInstanceSchema,
  change_type: z.enum(['new', 'change', 'delete', 'reload']),
  change_time: z.iso.datetime().describe('RFC 3339, UTC'),
  revision: z.int(),
  reason: z
    .enum(['registered', 'unregistered', 'expired', 'refuted', 'unconfirmed', 'hidden', 'confirmed'])
    .optional(),
});
export type InstanceChange = z.infer<typeof instanceChangeSchema>;

/**
 * A change as watchers get it, `undefined` when what they see stayed the same. A removal names the instance as it was
 * last shown.
 */
export function toInstanceChange(change: Change): InstanceChange | undefined {
  const { type, record, previous, visibility, revision, wallMs } = change;
  const instance = record.state === 'alive' ? record.instance : (previous?.instance ?? record.instance);
  if (type === undefined || instance === undefined) return undefined;
  return {
    instance:
      type !== 'delete' && visibility === 'unconfirmed' ? { ...instance, unconfirmed: true } : instance,
    change_type: type,
    change_time: new Date(wallMs).toISOString(),
    revision,
    reason: reasonSeen(change),
  };
}

/** A change of owner is seen only when it makes certain again, and a live record is gone only when it is hidden. */
function reasonSeen({ type, reason, record }: Change): NonNullable<InstanceChange['reason']> {
  if (type === 'delete' && record.state === 'alive') return 'hidden';
  return reason === 'moved' ? 'confirmed' : reason;
}
