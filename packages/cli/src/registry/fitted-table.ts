import { tableText } from '../cluster/table.js';

interface FittedTable {
  readonly head: readonly string[];
  /** Cells with their colours. */
  readonly rows: readonly (readonly string[])[];
  /** Indices of the columns of numbers. */
  readonly right?: readonly number[];
  /** Width of the terminal; `Infinity` where there is none. */
  readonly columns: number;
}

const gap = 2;
/** A column is not made narrower than this: less says nothing. */
const narrowest = 8;

/** A table of which the widest columns are cut off until it fits the terminal, or until nothing is left to cut. */
export function fittedTable({ head, rows, right = [], columns }: FittedTable): string {
  const widths = head.map((name, index) =>
    Math.max(...[name, ...rows.map((row) => row[index] ?? '')].map(visibleWidth)),
  );
  const natural = [...widths];
  const room = columns - gap * (head.length - 1);
  while (widths.reduce((sum, width) => sum + width, 0) > room) {
    const widest = Math.max(...widths);
    if (widest <= narrowest) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  const cut = widths.flatMap((width, index) =>
    width < (natural[index] ?? 0) ? [[index, width] as const] : [],
  );
  return tableText({ head, rows, right, ...(cut.length > 0 && { widest: Object.fromEntries(cut) }) });
}

const colours = /\u001b\[[\d;]*m/g;
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Columns that a text takes at a terminal. */
export function visibleWidth(text: string): number {
  let width = 0;
  for (const character of text.replace(colours, '')) {
    if (/^\p{M}$/u.test(character)) continue;
    width += wide.test(character) ? 2 : 1;
  }
  return width;
}
