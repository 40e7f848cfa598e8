import type { FailedInstance, InstanceInput, InstanceKeyInput, ResponseStatus } from '@artemis/core';
import type { DiscoveredInstance, InstanceChange } from '../discovered-instance.js';

/** Where a watch stands: a revision means nothing without the log that it numbers. */
export interface Position {
  readonly logId: string;
  readonly revision: number;
}

/** After a node refused a watch, it is left alone for so long before it is asked again. */
export const refusedPauseMs = 10_000;

/** A request about leases. */
export type LeaseRequest =
  | { readonly type: 'register'; readonly instances: readonly InstanceInput[] }
  | { readonly type: 'unregister'; readonly instance_keys: readonly InstanceKeyInput[] }
  /** @param instance_keys everything whose lease this session keeps; a socket knows it by itself */
  | { readonly type: 'heartbeat'; readonly instance_keys: readonly InstanceKeyInput[] };

export interface LeaseResult {
  readonly status: ResponseStatus;
  readonly failedInstances: readonly FailedInstance[];
  readonly failedKeys: readonly unknown[];
}

/** Why a session ended. */
export interface SessionEnd {
  readonly reason: string;
  /** How long the node asked to be left alone. */
  readonly retryAfterMs?: number | undefined;
}

/** What a session tells. Nothing comes after `ended`. */
export interface SessionListener {
  /** Everything that is shown of the service. Without position it cannot be resumed from. */
  snapshot(serviceId: string, instances: readonly DiscoveredInstance[], position: Position | undefined): void;
  /** The watch goes on from the position that it was given. */
  resumed(serviceId: string): void;
  changes(serviceId: string, changes: readonly InstanceChange[], position: Position): void;
  /** For a watch of everything: all that there is has been told, or the watch goes on from where it was. */
  allKnown(position: Position, isResumed: boolean): void;
  /** This client was too slow: a fresh snapshot follows, of the service, or of everything. */
  reloading(serviceId: string | undefined): void;
  /** The node does not let the service be watched now, or everything. */
  refused(serviceId: string | undefined, reason: string): void;
  /** Not for an end that was asked for. Requests under way are still answered where the node does. */
  ended(end: SessionEnd): void;
}

/** A conversation with one node. */
export interface Session {
  readonly node: string;
  readonly transport: 'websocket' | 'http';
  /** Whether it has ended, or is about to. */
  readonly isOver: boolean;
  /** Rejects with `NodeFailure`. */
  request(request: LeaseRequest): Promise<LeaseResult>;
  /** @param since resumes from there where the node can, and gives a snapshot where it cannot */
  watch(serviceId: string, since: Position | undefined): void;
  unwatch(serviceId: string): void;
  watchAll(since: Position | undefined): void;
  /** Ends it from this side because the node is of no use: `ended` follows. */
  fail(end: SessionEnd): void;
  /** Ends it silently once the requests under way are answered. */
  retire(): void;
  /** Ends it silently and at once. */
  close(): void;
}
