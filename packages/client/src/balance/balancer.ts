import type { Clock, Random } from '@artemis/core';
import type { DiscoveredInstance } from '../discovered-instance.js';
import { nearest, type Whereabouts } from './nearest.js';
import { Outliers, type OutlierOptions } from './outliers.js';
import type { CallOutcome, PickOptions, PickStrategy } from './pick-options.js';
import { Rendezvous } from './rendezvous.js';
import { Rounds } from './rounds.js';
import { UseCounts } from './use-counts.js';
import { pickRandom, pickWeighted } from './weights.js';

interface Candidates {
  readonly of: readonly DiscoveredInstance[];
  /** Those that are up, and confirmed if possible. */
  readonly sure: readonly DiscoveredInstance[];
  /** The nearest of these, once asked for. */
  near?: readonly DiscoveredInstance[];
}

/** What a balancer takes from the client. */
export interface BalancerContext extends Whereabouts {
  readonly clock: Clock;
  readonly random: Random;
  readonly outliers?: OutlierOptions;
}

/**
 * Chooses for one view, in four steps: those that are up; the confirmed ones, if there are any; without those that the
 * caller reports as failing; the nearest ones, if wanted. The strategy chooses among what is left.
 *
 * A near instance that fails makes room for a farther one, and one whose lease is in doubt comes after all others,
 * however near.
 */
export class Balancer {
  readonly #random: Random;
  readonly #where: Whereabouts;
  readonly #outliers: Outliers;
  readonly #rendezvous = new Rendezvous();
  readonly #rounds: Rounds;
  readonly #uses = new UseCounts();
  /** Of the list that was picked from last: it stays the same until something changes, and calls are many. */
  #last: Candidates = { of: [], sure: [] };

  constructor({ random, clock, outliers, ...where }: BalancerContext) {
    this.#random = random;
    this.#where = where;
    this.#outliers = new Outliers(clock, outliers);
    this.#rounds = new Rounds(random);
  }

  /**
   * @param instances all that is known of the service, whatever the status; another list when something changes
   * @returns `undefined` when none is up
   * @throws TypeError for `consistent-hash` without a key
   */
  pick(instances: readonly DiscoveredInstance[], options: PickOptions = {}): DiscoveredInstance | undefined {
    const strategy = options.strategy ?? (options.key === undefined ? 'round-robin' : 'consistent-hash');
    return this.#choose(this.#candidates(instances, strategy, options.sameZoneFirst), strategy, options.key);
  }

  /** How a call went. What counts as a failure is for the caller to say: no answer, mostly, and not a refusal. */
  report(instance: DiscoveredInstance, outcome: CallOutcome): void {
    this.#outliers.report(instance, outcome);
  }

  /** Tells `least-used` of a call, from now until the result is disposed of. */
  use(instance: DiscoveredInstance): Disposable {
    return this.#uses.use(instance);
  }

  #candidates(
    instances: readonly DiscoveredInstance[],
    strategy: PickStrategy,
    sameZoneFirst: boolean | undefined,
  ): readonly DiscoveredInstance[] {
    if (this.#last.of !== instances) this.#last = { of: instances, sure: surest(instances) };
    const last = this.#last;
    const candidates = this.#outliers.without(last.sure);
    const isNearFirst = sameZoneFirst ?? strategy !== 'consistent-hash';
    if (!isNearFirst) return candidates;
    if (candidates !== last.sure) return nearest(candidates, this.#where);
    last.near ??= nearest(candidates, this.#where);
    return last.near;
  }

  #choose(
    candidates: readonly DiscoveredInstance[],
    strategy: PickStrategy,
    key: string | undefined,
  ): DiscoveredInstance | undefined {
    switch (strategy) {
      case 'random':
        return pickRandom(candidates, this.#random);
      case 'round-robin':
        return this.#rounds.next(candidates);
      case 'weighted':
        return pickWeighted(candidates, this.#random);
      case 'least-used':
        return this.#uses.least(candidates, this.#random);
      case 'consistent-hash':
        if (key === undefined) throw new TypeError('consistent-hash needs a key: pick({ key })');
        return this.#rendezvous.pick(candidates, key);
    }
  }
}

/** Those that are up and whose lease is certain, or else all that are up. */
function surest(instances: readonly DiscoveredInstance[]): readonly DiscoveredInstance[] {
  const up = instances.filter(({ status }) => status === 'up');
  const sure = up.filter(({ unconfirmed }) => unconfirmed !== true);
  return sure.length > 0 ? sure : up;
}
