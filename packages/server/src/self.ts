import type { ChangeFeed, Clock, Health, HybridClock, NodeClock, NodeStatus, Readiness } from '@artemis/core';
import { softwareVersion } from '@artemis/core';
import type { ArtemisConfig } from '@artemis/core/config';
import type { ClockGate } from './cluster/clock-gate.js';
import type { ClusterManager } from './cluster/manager.js';
import type { SteadyWallClock } from './cluster/wall-clock.js';
import type { LoopLagGauge } from './health.js';
import type { Identity } from './identity.js';
import type { Bootstrap } from './replication/bootstrap.js';
import type { TableDigest } from './replication/digest.js';
import type { GroupCommit } from './storage/group-commit.js';

/** A client's clock may be as fast as the fastest node's, and this much more. */
const clientClockToleranceMs = 1000;

/** Why a node that stood still for long takes nothing for a moment. */
export const heldUp = 'this node was held up for long, and what it reads now may be out of date';

interface NodeSelfOptions {
  readonly config: ArtemisConfig;
  readonly identity: Identity;
  readonly time: Clock;
  readonly wall: SteadyWallClock;
  readonly clock: HybridClock;
  readonly changes: ChangeFeed;
  readonly digest: TableDigest;
  readonly cluster: ClusterManager;
  readonly clockGate: ClockGate;
  readonly bootstrap: Bootstrap;
  readonly commit: GroupCommit;
  readonly loopLag: LoopLagGauge;
  /** Whether requests that were sent long ago may be read just now. */
  readonly catchingUp: () => boolean;
}

/** What a node says of itself: who it is, how it is, what it can take, and what time it has. */
export class NodeSelf implements Health, NodeClock {
  readonly #options: NodeSelfOptions;
  readonly #startedMs: number;
  readonly #drainListeners = new Set<() => void>();
  #phase: NodeStatus['status'] = 'starting';

  constructor(options: NodeSelfOptions) {
    this.#options = options;
    this.#startedMs = options.time.monotonicMs();
  }

  get phase(): NodeStatus['status'] {
    return this.#phase;
  }

  /** Moved on by the node's life cycle. */
  set phase(phase: NodeStatus['status']) {
    const drains = phase === 'draining' && !this.draining;
    this.#phase = phase;
    if (!drains) return;
    const listeners = [...this.#drainListeners];
    this.#drainListeners.clear();
    for (const listener of listeners) listener();
  }

  get draining(): boolean {
    return this.#phase === 'draining';
  }

  onDrain(listener: () => void): () => void {
    this.#drainListeners.add(listener);
    return () => this.#drainListeners.delete(listener);
  }

  status(): NodeStatus {
    const { config, identity, wall, changes, digest, time, bootstrap, clockGate } = this.#options;
    return {
      node_id: identity.nodeId,
      run_id: identity.runId,
      // Who joins, or waits for the right time, serves no clients yet.
      status:
        this.phase === 'up' && (bootstrap.joining || clockGate.reason !== undefined)
          ? 'starting'
          : this.phase,
      region: config.server.region,
      zone: config.server.zone,
      address: config.server.advertiseAddr,
      wall_time_ms: wall.wallMs(),
      version: softwareVersion,
      revision: changes.revision,
      live_records: digest.count,
      root_digest: digest.root,
      synced: !bootstrap.joining,
      uptime_ms: Math.round(time.monotonicMs() - this.#startedMs),
    };
  }

  /** Why this node does not answer clients what it holds, `undefined` when it does. */
  joining(): string | undefined {
    const { reason } = this.#options.bootstrap;
    return reason && `this node is joining the cluster and may not hold everything yet: ${reason}`;
  }

  /** Why this node takes no writes of clients, `undefined` when it does. */
  refusal(): string | undefined {
    if (this.draining) return 'this node is stopping, use another one';
    if (this.#options.catchingUp()) return heldUp;
    if (this.#options.clockGate.reason !== undefined)
      return 'the clock of this node is wrong, use another one';
    const joining = this.joining();
    if (joining !== undefined) return joining;
    const { failure } = this.#options.commit;
    return failure === undefined ? undefined : `this node cannot store changes: ${failure}`;
  }

  unhealthy(): string | undefined {
    const { commit, loopLag, config } = this.#options;
    if (commit.failure !== undefined) return `the store fails: ${commit.failure}`;
    const stalledMs = loopLag.highestMs;
    if (stalledMs <= config.health.maxLoopLagMs) return undefined;
    return `the process stalled for ${Math.round(stalledMs)} ms`;
  }

  readiness(): Readiness {
    const { commit, clockGate, bootstrap } = this.#options;
    const gates = {
      synced: gate(bootstrap.reason),
      store: gate(commit.failure),
      clock: gate(clockGate.reason),
      draining: gate(this.draining ? 'the node is stopping' : undefined),
    };
    return { ready: this.phase === 'up' && Object.values(gates).every(({ open }) => open), gates };
  }

  stamp(): number {
    return this.#options.clock.now();
  }

  observeClient(stamp: number): void {
    const { clock, wall, cluster } = this.#options;
    clock.observeClipped(stamp, wall.wallMs() + cluster.fastestLeadMs + clientClockToleranceMs);
  }
}

function gate(reason: string | undefined): { open: boolean; reason?: string } {
  return reason === undefined ? { open: true } : { open: false, reason };
}
