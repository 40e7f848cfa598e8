import type { Registry } from 'prom-client';
import { Counter, Gauge } from 'prom-client';

/** Read when somebody scrapes. */
export interface LeaseSources {
  readonly watched: () => number;
  readonly unconfirmed: () => number;
  readonly hidden: () => number;
  readonly heldBack: () => number;
  /** Own leases that have ended and are kept. */
  readonly lapsed: () => number;
  /** Services, and all as one, for which expiry is paused. */
  readonly preserved: () => number;
}

/** What happens to leases, as metrics. */
export class LeaseMetrics {
  readonly #preservations: Counter;
  readonly #asked: Counter;
  readonly #heldUp: Counter;

  constructor(registry: Registry, sources: LeaseSources) {
    const registers = [registry];
    const gauge = (name: string, help: string, read: () => number): void => {
      new Gauge({
        name: `artemis_${name}`,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    };
    const counter = (name: string, help: string): Counter =>
      new Counter({ name: `artemis_${name}`, help, registers });
    gauge('leases', 'Leases that are watched', sources.watched);
    gauge(
      'unconfirmed_records',
      'Instances listed though this node cannot vouch for them',
      sources.unconfirmed,
    );
    gauge('hidden_records', 'Instances kept and left out of discovery', sources.hidden);
    gauge('held_back_records', 'Hidden ones from before a long absence of this node', sources.heldBack);
    gauge('lapsed_leases', 'Leases owned here that have ended and are kept', sources.lapsed);
    gauge('self_preservation', 'Services, and all as one, for which expiry is paused', sources.preserved);
    this.#preservations = counter('self_preservation_total', 'Times that expiry was paused');
    this.#asked = counter('lease_questions_total', 'Leases that peers were asked about, each peer by itself');
    this.#heldUp = counter(
      'held_up_seconds_total',
      'Time for which this process did not run, and leases stood still',
    );
  }

  preserved(): void {
    this.#preservations.inc();
  }

  asked(keys: number): void {
    this.#asked.inc(keys);
  }

  heldUp(gapMs: number): void {
    this.#heldUp.inc(gapMs / 1000);
  }
}
