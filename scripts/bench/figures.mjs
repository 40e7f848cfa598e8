// What a bench answers: figures, some of which have a limit that must be reached and one to aim at.

/**
 * A figure. `must` and `aim` are numbers that `value` must not exceed, or with `atLeast` must not fall below.
 * @param {string} name unique within its bench, and the same in every run: runs are compared by it
 * @param {number} value
 * @param {string} unit
 * @param {{ must?: number, aim?: number, atLeast?: boolean }} [limits]
 */
export function figure(name, value, unit, { must, aim, atLeast = false } = {}) {
  return { name, value, unit, ...(must === undefined ? {} : { must, aim, atLeast }) };
}

/** The percentiles of times, each a figure; `limits` by their names. */
export function percentileFigures(name, latencies, limits = {}) {
  const all = [50, 90, 99, 99.9].map((percent) => [`p${percent}`, latencies.percentile(percent)]);
  all.push(['max', latencies.max]);
  return all.map(([part, value]) => figure(`${name}: ${part}`, value, 'ms', limits[part]));
}

/** Whether a figure reaches a limit; `undefined` where there is none. */
function reaches({ value, atLeast }, limit) {
  if (limit === undefined) return undefined;
  return atLeast ? value >= limit : value <= limit;
}

/** 'reached', 'aim reached', 'missed', or nothing for a figure without a limit. */
export function verdict(one) {
  if (one.must === undefined) return '';
  if (!reaches(one, one.must)) return 'missed';
  return reaches(one, one.aim) ? 'aim reached' : 'reached';
}

/**
 * Three digits that say something, and thousands set apart.
 * @param {number} value
 * @returns {string}
 */
export function number(value) {
  if (!Number.isFinite(value)) return String(value);
  const digits = value === 0 ? 0 : Math.max(0, Math.min(3, 2 - Math.floor(Math.log10(Math.abs(value)))));
  const [whole, rest] = value.toFixed(digits).split('.');
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, ' ');
  return rest === undefined ? spaced : `${spaced}.${rest}`;
}

/**
 * Lines of text in columns; those of numbers are set right.
 * @param {string[][]} rows
 * @param {{ right?: number[] }} [options]
 * @returns {string[]}
 */
export function columns(rows, { right = [] } = {}) {
  const widths = rows[0].map((_, at) => Math.max(...rows.map((row) => row[at].length)));
  const cell = (text, at) => (right.includes(at) ? text.padStart(widths[at]) : text.padEnd(widths[at]));
  return rows.map((row) => row.map(cell).join('  ').trimEnd());
}

function limitText({ atLeast }, limit) {
  return limit === undefined ? '' : `${atLeast ? '>=' : '<='} ${number(limit)}`;
}

/** The table of a bench. */
export function figureLines(figures) {
  const rows = figures.map((one) => [
    one.name,
    number(one.value),
    one.unit,
    limitText(one, one.must),
    limitText(one, one.aim),
    verdict(one),
  ]);
  const head = ['', 'measured', '', 'must', 'aim', ''];
  return columns([head, ...rows], { right: [1, 3, 4] }).map((line) => `  ${line}`);
}

/** What has a limit, of all benches in one table. */
export function summaryLines(results) {
  const rows = results.flatMap(({ row, name, figures }) =>
    figures
      .filter(({ must }) => must !== undefined)
      .map((one) => [
        row === undefined ? '' : String(row),
        `${name}: ${one.name}`,
        number(one.value),
        one.unit,
        limitText(one, one.must),
        limitText(one, one.aim),
        verdict(one),
      ]),
  );
  if (rows.length === 0) return [];
  return columns([['row', '', 'measured', '', 'must', 'aim', ''], ...rows], { right: [0, 2, 4, 5] });
}
