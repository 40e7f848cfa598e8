import type { Random, Service, Strategy } from '@artemis/core';
import type { Preference } from './filters.js';
import { rankOf } from './filters.js';

type Candidates = Service['instances'];
type Candidate = Candidates[number];

/** What a choice is made from. */
export interface Choice {
  /** The nearest first, the unconfirmed ones last. */
  readonly instances: Candidates;
  readonly preference: Preference;
  /** Names the round that `round-robin` goes. */
  readonly round: string;
}

/** Rounds that are remembered; the longest unused one starts again. */
const maxRounds = 1000;

/** Chooses one of the instances that discovery offers. */
export class InstancePicker {
  readonly #random: Random;
  /** Position of the next turn; ordered by last use. */
  readonly #turns = new Map<string, number>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** One that is unconfirmed only when nothing else is left; `undefined` when there is nothing to choose from. */
  pick(strategy: Strategy, { instances, ...where }: Choice): Candidate | undefined {
    const choice = { instances: surest(instances), ...where };
    switch (strategy) {
      case 'random':
        return this.#anyOf(choice.instances);
      case 'round-robin':
        return this.#nextOf(choice);
      case 'weighted':
        return this.#weightedOf(choice.instances);
      case 'same-zone-first':
        return this.#anyOf(nearestOf(choice));
    }
  }

  #anyOf(instances: Candidates): Candidate | undefined {
    return instances[Math.floor(this.#random.next() * instances.length)];
  }

  #nextOf({ instances, round }: Choice): Candidate | undefined {
    const turn = (this.#turns.get(round) ?? 0) % Math.max(1, instances.length);
    this.#turns.delete(round);
    this.#turns.set(round, turn + 1);
    const [oldest] = this.#turns.keys();
    if (this.#turns.size > maxRounds && oldest !== undefined) this.#turns.delete(oldest);
    return instances[turn];
  }

  #weightedOf(instances: Candidates): Candidate | undefined {
    const weights = instances.map(weightOf);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (total === 0) return this.#anyOf(instances);
    let left = this.#random.next() * total;
    const index = weights.findIndex((weight) => (left -= weight) < 0);
    // Rounding may leave a rest after the last one.
    return instances[index < 0 ? weights.findLastIndex((weight) => weight > 0) : index];
  }
}

/** Those whose lease is certain, or else all. */
function surest(instances: Candidates): Candidates {
  if (instances.at(-1)?.unconfirmed !== true) return instances;
  const sure = instances.filter(({ unconfirmed }) => unconfirmed !== true);
  return sure.length > 0 ? sure : instances;
}

/** The first of the groups zone, region, others that is not empty. */
function nearestOf({ instances, preference }: Choice): Candidates {
  const [first] = instances;
  if (first === undefined) return [];
  const rank = rankOf(first, preference);
  return instances.filter((instance) => rankOf(instance, preference) === rank);
}

/** `metadata.weight`, a plain decimal number; 1 when there is none or it is something else, 0 to be left out. */
function weightOf({ metadata }: Candidate): number {
  const weight = metadata?.['weight'];
  return weight !== undefined && /^\d{1,9}(?:\.\d{1,9})?$/.test(weight) ? Number(weight) : 1;
}
