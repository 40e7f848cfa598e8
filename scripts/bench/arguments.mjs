// The command line of `npm run bench`.

export class UsageError extends Error {}

export const usage = `usage: npm run bench -- [options]

  (nothing)              every bench in the long form, for releases
  --row ROW              only this one, by its number or its name; can be given several times
  --short                the short form: smaller tables and fewer rounds, for every change
  --set KEY=NUMBER       a size in place of that of the form, such as instances=20000; see --list
  --json FILE            writes machine, versions, commit and every figure to FILE
  --growth               how costs grow with instances, watchers and peers; --row takes one of those
  --compare A B          two files of --json side by side, with the ratio B/A
  --list                 the benches and their sizes
  --help                 this text`;

const withValue = new Set(['--row', '--set', '--json']);
const switches = new Set(['--short', '--growth', '--list', '--help']);

function valueOf(option, value) {
  if (value === undefined || value.startsWith('--')) throw new UsageError(`${option} needs a value`);
  return value;
}

function parseSize(text) {
  const [, key, number] = /^([a-z_]+)=([1-9]\d*)$/.exec(text) ?? [];
  if (key === undefined)
    throw new UsageError(`--set ${text}: it must be KEY=NUMBER, such as instances=20000`);
  return [key, Number(number)];
}

/**
 * What the arguments say; throws a {@link UsageError} that names the one that is wrong.
 * @param {string[]} args
 * @returns {{ mode: string, form: 'long' | 'short', rows: string[], sizes: Record<string, number>, json?: string, files: string[] }}
 */
export function parseArguments(args) {
  const parsed = { mode: 'run', form: 'long', rows: [], sizes: {}, json: undefined, files: [] };
  const rest = [...args];
  while (rest.length > 0) {
    const option = rest.shift();
    if (option === '--compare') {
      parsed.mode = 'compare';
      parsed.files = rest.splice(0, 2);
      if (parsed.files.length < 2) throw new UsageError('--compare needs two files');
    } else if (withValue.has(option)) {
      const value = valueOf(option, rest.shift());
      if (option === '--row') parsed.rows.push(value);
      else if (option === '--json') parsed.json = value;
      else {
        const [key, number] = parseSize(value);
        parsed.sizes[key] = number;
      }
    } else if (switches.has(option)) {
      if (option === '--short') parsed.form = 'short';
      else parsed.mode = option.slice(2);
    } else {
      throw new UsageError(`${option} is not known`);
    }
  }
  return parsed;
}

/**
 * The benches that `--row` names, in their own order; all when it names none.
 * @template {{ row?: number, name: string }} Bench
 * @param {Bench[]} benches
 * @param {string[]} rows
 * @returns {Bench[]}
 */
export function select(benches, rows) {
  const known = benches.map(({ row, name }) => (row === undefined ? name : `${row} (${name})`)).join(', ');
  for (const wanted of rows)
    if (!benches.some(({ row, name }) => String(row) === wanted || name === wanted))
      throw new UsageError(`--row ${wanted}: there is no such bench. There are ${known}`);
  if (rows.length === 0) return benches;
  return benches.filter(({ row, name }) => rows.includes(String(row)) || rows.includes(name));
}

/**
 * The sizes of each bench, with those that `--set` gives.
 * @param {{ sizes: Record<string, Record<string, number>> }[]} benches
 * @param {'long' | 'short'} form
 * @param {Record<string, number>} given
 * @returns {Record<string, number>[]}
 */
export function sizesOf(benches, form, given) {
  for (const key of Object.keys(given))
    if (!benches.some(({ sizes }) => key in sizes[form])) {
      const keys = [...new Set(benches.flatMap(({ sizes }) => Object.keys(sizes[form])))].join(', ');
      throw new UsageError(`--set ${key}: no bench of this run has that size. They have ${keys}`);
    }
  return benches.map(({ sizes }) =>
    Object.fromEntries(Object.entries(sizes[form]).map(([key, value]) => [key, given[key] ?? value])),
  );
}
