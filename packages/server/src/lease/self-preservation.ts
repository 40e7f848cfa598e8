import type { Logger, SelfPreservationStatus } from '@artemis/core';
import type { ArtemisConfig } from '@artemis/core/config';
import { LapseWindow } from './lapse-window.js';
import type { OwnedCounts } from './owned-counts.js';

/** In place of a service: all leases that this node owns. */
const all = '';

interface SelfPreservationOptions {
  readonly config: ArtemisConfig['selfPreservation'];
  /** Lease time: a pause of the node is none of its clients. */
  readonly nowMs: () => number;
  readonly wallMs: () => number;
  readonly owned: Pick<OwnedCounts, 'of' | 'total'>;
  /** Own leases that have lapsed and not been expired; of all services without one. */
  readonly lapsed: (serviceKey?: string) => number;
  /** Expiry is paused from here on. */
  readonly entered: () => void;
  readonly logger: Logger;
}

interface Episode {
  readonly sinceMs: number;
  readonly sinceWallMs: number;
  readonly reason: string;
}

/**
 * When so many leases lapse at once that the network is the likelier cause, expiry pauses: for a service, or for all.
 *
 * ```
 *          more leases lapse within the window than may
 *    off ------------------------------------------------> on
 *    off <---- fewer do, and of those held back so many are renewed that the rest may lapse ---- on
 *    off <---- the longest duration is over ---- on
 * ```
 *
 * It always ends by itself. What is left then expires, and does not count again.
 */
export class SelfPreservation {
  readonly #options: SelfPreservationOptions;
  readonly #windows = new Map<string, LapseWindow>();
  readonly #episodes = new Map<string, Episode>();
  #entered = 0;
  #timedOut = 0;

  constructor(options: SelfPreservationOptions) {
    this.#options = options;
  }

  /** So many own leases of a service lapsed in this turn; none of them has been expired yet. */
  lapsed(serviceKey: string, lapses: number): void {
    if (!this.#options.config.enabled) return;
    for (const scope of [serviceKey, all]) this.#count(scope, lapses);
  }

  /** Why leases of the service must not be expired; `undefined` when they may. */
  pausing(serviceKey: string): string | undefined {
    if (this.#episodes.size === 0) return undefined;
    return (this.#episodes.get(all) ?? this.#episodes.get(serviceKey))?.reason;
  }

  /** Ends what is over. To be called every turn. */
  update(): void {
    const now = this.#options.nowMs();
    for (const [scope, window] of this.#windows) {
      if (window.read(now).lapses === 0 && !this.#episodes.has(scope)) this.#windows.delete(scope);
    }
    for (const [scope, { sinceMs }] of this.#episodes) {
      if (now - sinceMs >= this.#options.config.maxDurationMs) {
        this.#timedOut += 1;
        this.#leave(scope, 'the longest duration is over');
      } else if (this.#recovered(scope)) {
        this.#leave(scope, 'clients renew again');
      }
    }
  }

  /** Services, and all leases as one, for which expiry is paused. */
  get active(): number {
    return this.#episodes.size;
  }

  status(): SelfPreservationStatus {
    const { config } = this.#options;
    return {
      enabled: config.enabled,
      entered: this.#entered,
      timed_out: this.#timedOut,
      active: [...this.#episodes].map(([scope, { sinceWallMs, reason }]) => ({
        ...(scope !== all && { service_id: scope }),
        since: new Date(sinceWallMs).toISOString(),
        until: new Date(sinceWallMs + config.maxDurationMs).toISOString(),
        owned: this.#owned(scope),
        lapsed: this.#lapsed(scope),
        reason,
      })),
    };
  }

  #count(scope: string, lapses: number): void {
    const { config, nowMs, wallMs, logger } = this.#options;
    let window = this.#windows.get(scope);
    if (window === undefined) {
      window = new LapseWindow(config.windowMs);
      this.#windows.set(scope, window);
    }
    window.add(nowMs(), lapses, this.#owned(scope));
    const seen = window.read(nowMs());
    if (this.#episodes.has(scope) || seen.owned < config.minInstances || !this.#tooMany(seen)) return;
    const reason = `${seen.lapses} of ${seen.owned} leases ended within ${config.windowMs / 1000} s`;
    this.#entered += 1;
    this.#options.entered();
    this.#episodes.set(scope, { sinceMs: nowMs(), sinceWallMs: wallMs(), reason });
    logger.warn(`Self-preservation on for ${nameOf(scope)}: ${reason}, expiry pauses`);
  }

  #recovered(scope: string): boolean {
    const window = this.#windows.get(scope)?.read(this.#options.nowMs());
    if (window !== undefined && this.#tooMany(window)) return false;
    return !this.#tooMany({ lapses: this.#lapsed(scope), owned: this.#owned(scope) });
  }

  #tooMany({ lapses, owned }: { lapses: number; owned: number }): boolean {
    return lapses > (1 - this.#options.config.threshold) * owned;
  }

  #leave(scope: string, why: string): void {
    this.#episodes.delete(scope);
    this.#windows.delete(scope);
    this.#options.logger.info(`Self-preservation off for ${nameOf(scope)}: ${why}`, {
      unrenewed: this.#lapsed(scope),
    });
  }

  #owned(scope: string): number {
    return scope === all ? this.#options.owned.total : this.#options.owned.of(scope);
  }

  #lapsed(scope: string): number {
    return scope === all ? this.#options.lapsed() : this.#options.lapsed(scope);
  }
}

function nameOf(scope: string): string {
  return scope === all ? 'all services' : scope;
}
