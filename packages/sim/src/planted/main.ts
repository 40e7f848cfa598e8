import { plantedBugs } from './bugs/index.js';
import { runPlanted } from './runner.js';
import { complaints, tableOf } from './table.js';

const wanted = process.argv.slice(2);
const chosen = plantedBugs.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const startMs = performance.now();
const results = await runPlanted(chosen);
console.log(tableOf(results));
console.log(`\n${chosen.length} bugs in ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
for (const line of complaints(results)) {
  console.error(line);
  process.exitCode = 1;
}
