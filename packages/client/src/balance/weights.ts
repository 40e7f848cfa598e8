import type { Random } from '@artemis/core';
import type { DiscoveredInstance } from '../discovered-instance.js';

/** `metadata.weight`, a plain decimal number; 1 when there is none or it is something else, 0 to be left out. */
export function weightOf({ metadata }: DiscoveredInstance): number {
  const weight = metadata?.['weight'];
  return weight !== undefined && /^\d{1,9}(?:\.\d{1,9})?$/.test(weight) ? Number(weight) : 1;
}

/** Those with a weight, or else all: that everything has weight 0 must not leave a caller with nothing. */
export function weighty(instances: readonly DiscoveredInstance[]): readonly DiscoveredInstance[] {
  const chosen = instances.filter((instance) => weightOf(instance) > 0);
  return chosen.length > 0 ? chosen : instances;
}

/** By chance, in proportion to the weights; evenly when all are 0. */
export function pickWeighted(
  instances: readonly DiscoveredInstance[],
  random: Random,
): DiscoveredInstance | undefined {
  const weights = instances.map(weightOf);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return pickRandom(instances, random);
  let left = random.next() * total;
  const index = weights.findIndex((weight) => (left -= weight) < 0);
  // Rounding may leave a rest after the last one.
  return instances[index < 0 ? weights.findLastIndex((weight) => weight > 0) : index];
}

/** Each as likely as any other. */
export function pickRandom<Item>(items: readonly Item[], random: Random): Item | undefined {
  return items[Math.floor(random.next() * items.length)];
}
