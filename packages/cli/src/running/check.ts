/** Turns what probes say into a status: one bad answer is no outage, and one good answer no recovery. */

export interface CheckSettings {
  /** Between the end of one probe and the beginning of the next. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** So many successes in a row make it up. */
  readonly upAfter: number;
  /** So many failures in a row make it unhealthy. */
  readonly downAfter: number;
}

export type CheckedStatus = 'starting' | 'up' | 'unhealthy';

/**
 *     starting ──upAfter successes──► up ──downAfter failures──► unhealthy
 *                                      ◄──upAfter successes────────┘
 *
 * A program that was never reached stays `starting`: it may need long, and callers are not sent to it either way.
 */
export class CheckState {
  readonly #settings: Pick<CheckSettings, 'upAfter' | 'downAfter'>;
  #status: CheckedStatus = 'starting';
  /** In a row, of the kind that may change the status. */
  #inRow = 0;

  constructor(settings: Pick<CheckSettings, 'upAfter' | 'downAfter'>) {
    this.#settings = settings;
  }

  get status(): CheckedStatus {
    return this.#status;
  }

  /** @returns whether the status has changed */
  record(succeeded: boolean): boolean {
    const { upAfter, downAfter } = this.#settings;
    const isUp = this.#status === 'up';
    // What it says already is no news, and ends a row of the other kind.
    if (succeeded === isUp) {
      this.#inRow = 0;
      return false;
    }
    this.#inRow += 1;
    if (this.#inRow < (isUp ? downAfter : upAfter)) return false;
    this.#inRow = 0;
    this.#status = isUp ? 'unhealthy' : 'up';
    return true;
  }
}

/** A program that starts is looked at at least this often, so that it is up soon after it can be. */
const startingIntervalMs = 500;

interface CheckLoop {
  readonly settings: CheckSettings;
  readonly signal: AbortSignal;
  readonly probe: () => Promise<string | undefined>;
  /** Resolves after the time, also when it is aborted. */
  readonly pause: (ms: number) => Promise<unknown>;
  /** @param reason why the last probe failed */
  readonly changed: (status: CheckedStatus, reason: string | undefined) => void;
}

/** Probes until it is aborted, and tells each change of the status. */
export async function checkUntilAborted({
  settings,
  signal,
  probe,
  pause,
  changed,
}: CheckLoop): Promise<void> {
  const state = new CheckState(settings);
  const { intervalMs } = settings;
  while (!signal.aborted) {
    const reason = await probe();
    if (signal.aborted) return;
    if (state.record(reason === undefined)) changed(state.status, reason);
    await pause(state.status === 'starting' ? Math.min(intervalMs, startingIntervalMs) : intervalMs);
  }
}
