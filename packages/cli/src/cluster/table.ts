import Table from 'cli-table3';

interface TableLayout {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Indices of the columns that are aligned to the right, as numbers are. */
  readonly right?: readonly number[];
  /** Widest the columns of this index may be; the rest is cut off. */
  readonly widest?: Readonly<Record<number, number>>;
}

const gap = '  ';
const borders = ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'] as const;
const lines = ['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'] as const;
const noBorders = Object.fromEntries([...borders, ...lines].map((name) => [name, '']));

/** Columns without borders, as the other tables of this program are. */
export function tableText({ head, rows, right = [], widest = {} }: TableLayout): string {
  const table = new Table({
    head: [...head],
    chars: { ...noBorders, middle: gap },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colAligns: head.map((_name, index) => (right.includes(index) ? 'right' : 'left')),
    colWidths: head.map((_name, index) => widest[index] ?? null),
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Columns that a table of these cells needs. */
export function widthOf(columns: readonly (readonly string[])[]): number {
  const widths = columns.map((cells) => Math.max(...cells.map((cell) => cell.length)));
  return widths.reduce((sum, width) => sum + width, gap.length * (columns.length - 1));
}
