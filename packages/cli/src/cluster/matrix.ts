/** Who thinks what of whom. */
import type { Paint } from '../colours.js';
import type { PeerReport } from './node-report.js';
import type { SurveyedNode } from './survey.js';
import { findPeer } from './survey.js';
import { tableText, widthOf } from './table.js';
import { duration } from './words.js';

const rowHead = 'SEES';
const plainly: Paint = (_style, text) => text;

/**
 * A row for each node that answered, a column for each node: `alive =`. When it is wider than the terminal, columns
 * continue below.
 */
export function matrix(nodes: readonly SurveyedNode[], paint: Paint, columns: number): string {
  const speakers = nodes.filter(({ report }) => report !== undefined);
  const rowNames = [rowHead, ...speakers.map(({ name }) => name)];
  const cells = nodes.map((node) => speakers.map((speaker) => cellOf(nodes, speaker, node)));
  const headed = nodes.map(({ name }, index) => [name, ...(cells[index] ?? []).map(plainText)]);
  return blocksThatFit(rowNames, headed, columns)
    .map((indices) =>
      tableText({
        head: [rowHead, ...indices.map((index) => nodes[index]?.name ?? '')],
        rows: speakers.map(({ name }, row) => [
          name,
          ...indices.map((index) => paintedText(cells[index]?.[row], paint)),
        ]),
      }),
    )
    .join('\n\n');
}

const legends = [
  [/=/, '= same table, != not the same, ? not known'],
  [/ wait/, '5 wait 12s: 5 changes wait for it, the oldest for 12 s'],
  [/ repair/, 'repair: it missed changes, which are to be found by comparing'],
] as const;

/** Explains the signs that this matrix has, each on a line. */
export function legendOf(text: string): string[] {
  return legends.filter(([sign]) => sign.test(text)).map(([, meaning]) => meaning);
}

type Cell = 'itself' | 'unknown' | PeerReport;

function cellOf(nodes: readonly SurveyedNode[], { report }: SurveyedNode, seen: SurveyedNode): Cell {
  if (report !== undefined && report === seen.report) return 'itself';
  return report?.peers.find((peer) => findPeer(nodes, peer) === seen) ?? 'unknown';
}

function plainText(cell: Cell): string {
  return paintedText(cell, plainly);
}

const styles: Readonly<Record<string, 'green' | 'yellow' | 'red'>> = { alive: 'green', dead: 'red' };

function paintedText(cell: Cell | undefined, paint: Paint): string {
  if (cell === undefined || cell === 'itself') return '-';
  if (cell === 'unknown') return paint('yellow', 'unknown');
  const { status, digest_equal: equal, outbox_depth: waiting, lag_ms: lagMs, repair_pending: repair } = cell;
  const parts = [paint(styles[status] ?? 'yellow', status)];
  // Of a peer that is out of reach nobody knows what it holds by now.
  if (status === 'alive') parts.push(equalitySign(equal, paint));
  if (waiting > 0) parts.push(`${waiting} wait ${duration(lagMs)}`);
  if (repair === true) parts.push('repair');
  return parts.join(' ');
}

function equalitySign(equal: boolean | undefined, paint: Paint): string {
  if (equal === undefined) return '?';
  return equal ? '=' : paint('yellow', '!=');
}

/** Indices of columns in groups, each of which fits the terminal beside the names of the rows. */
function blocksThatFit(
  rowNames: readonly string[],
  columnCells: readonly (readonly string[])[],
  columns: number,
): number[][] {
  const blocks: number[][] = [];
  for (const index of columnCells.keys()) {
    const block = blocks.at(-1);
    const together = [...(block ?? []), index].map((member) => columnCells[member] ?? []);
    if (block !== undefined && widthOf([rowNames, ...together]) <= columns) block.push(index);
    else blocks.push([index]);
  }
  return blocks;
}
