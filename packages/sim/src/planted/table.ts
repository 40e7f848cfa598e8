import type { PlantedBug } from './planted-bug.js';
import type { PlantedResult } from './runner.js';

/** What is wrong with the results, a line for each: bugs that nobody saw, and alarms where all is well. */
export function complaints(results: readonly PlantedResult[]): string[] {
  return results.flatMap(({ bug: { name, scenario, seed }, caughtBy, falseAlarm }) => [
    ...(caughtBy.length > 0 ? [] : [`nobody saw "${name}" in ${scenario}, seed ${seed}`]),
    ...(caughtBy.includes('hangs') ? [`"${name}" hangs in ${scenario}, seed ${seed}`] : []),
    ...(falseAlarm === '' ? [] : [`false alarm in ${scenario}, seed ${seed}: ${falseAlarm}`]),
  ]);
}

/** As Markdown. */
export function tableOf(results: readonly PlantedResult[]): string {
  const rows = results.map(({ bug, caughtBy }) => {
    const checkers = caughtBy.map((name) => `\`${name}\``).join(', ');
    return [bug.name, bug.about, bug.scenario, checkers, seedOf(bug)].join(' | ');
  });
  return [
    '| planted bug | what is changed | scenario | caught by | seed |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

function seedOf({ seed, nodes }: PlantedBug): string {
  return nodes === undefined ? String(seed) : `${seed}, ${nodes} nodes`;
}
