import type { PlantedBug } from './planted-bug.js';
import type { PlantedResult } from './runner.js';

/** What is wrong with the results, a line for each: bugs that nobody saw, and alarms where all is well. */
export function complaints(results: readonly PlantedResult[]): string[] {
  return results.flatMap(({ bug: { name, scenario, seed: first }, seed, caughtBy, falseAlarm }) => [
    ...(caughtBy.length > 0 ? [] : [`nobody saw "${name}" in ${scenario}, seeds ${first} to ${seed}`]),
    ...(caughtBy.includes('hangs') ? [`"${name}" hangs in ${scenario}, seed ${seed}`] : []),
    ...(falseAlarm === '' ? [] : [`false alarm in ${scenario}, seed ${seed}: ${falseAlarm}`]),
  ]);
}

/** As Markdown. */
export function tableOf(results: readonly PlantedResult[]): string {
  const rows = results.map(({ bug, seed, caughtBy }) => {
    const checkers = caughtBy.map((name) => `\`${name}\``).join(', ');
    const where = bug.nodes === undefined ? String(seed) : `${seed}, ${bug.nodes} nodes`;
    return `${rowOf(bug)} ${checkers} | ${where} |`;
  });
  return [
    '| planted bug | what is changed | scenario | caught by | seed |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** What of a row does not depend on how the run went. */
export function rowOf({ name, about, scenario }: PlantedBug): string {
  return `| ${name} | ${about} | ${scenario} |`;
}
