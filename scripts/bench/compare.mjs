// Two runs side by side.
import { columns, number } from './figures.mjs';
import { describeLines } from './machine.mjs';

function keyOf(bench, one) {
  return JSON.stringify([bench.name, one.name]);
}

/**
 * The lines of a table for each bench that both runs have, and what only one of them has.
 * @returns {string[]}
 */
export function compareLines(a, b) {
  const lines = [];
  for (const [name, run] of [
    ['A', a],
    ['B', b],
  ])
    lines.push(`${name}: ${run.date}, ${run.form} form`, ...describeLines(run).map((line) => `   ${line}`));
  const figuresOfA = new Map(
    a.benches.flatMap((bench) => bench.figures.map((one) => [keyOf(bench, one), one])),
  );
  for (const bench of b.benches) {
    const other = a.benches.find(({ name }) => name === bench.name);
    lines.push('', bench.row === undefined ? bench.name : `Row ${bench.row}, ${bench.name}`);
    if (other === undefined) {
      lines.push('  only B has it');
      continue;
    }
    if (JSON.stringify(other.sizes) !== JSON.stringify(bench.sizes))
      lines.push(`  sizes differ: A ${JSON.stringify(other.sizes)}, B ${JSON.stringify(bench.sizes)}`);
    const rows = bench.figures.map((one) => {
      const before = figuresOfA.get(keyOf(bench, one));
      figuresOfA.delete(keyOf(bench, one));
      if (before === undefined) return [one.name, '-', number(one.value), one.unit, ''];
      return [one.name, number(before.value), number(one.value), one.unit, number(one.value / before.value)];
    });
    const table = columns([['', 'A', 'B', '', 'B/A'], ...rows], { right: [1, 2, 4] });
    lines.push(...table.map((line) => `  ${line}`));
  }
  const onlyA = [...figuresOfA.keys()].map((key) => JSON.parse(key).join(': '));
  if (onlyA.length > 0) lines.push('', 'Only A has:', ...onlyA.map((name) => `  ${name}`));
  return lines;
}
