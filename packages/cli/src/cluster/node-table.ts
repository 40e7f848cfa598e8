import type { Paint } from '../colours.js';
import type { SurveyedNode } from './survey.js';
import { tableText, widthOf } from './table.js';
import { duration, shortRoot } from './words.js';

const head = ['NODE', 'ADDRESS', 'VERSION', 'STATUS', 'READY', 'RECORDS', 'ROOT', 'UPTIME'] as const;
const addressColumn = head.indexOf('ADDRESS');
const recordsColumn = head.indexOf('RECORDS');
const narrowestAddress = 12;

/**
 * One row for each node: what it says of itself.
 * @param columns width of the terminal; addresses are cut off to fit
 */
export function nodeTable(nodes: readonly SurveyedNode[], paint: Paint, columns: number): string {
  const plain = nodes.map((node) => cellsOf(node, (_style, text) => text));
  const all = [head, ...plain];
  const addressWidth = Math.max(...all.map((row) => row[addressColumn]?.length ?? 0));
  const excess = widthOf(head.map((_name, index) => all.map((row) => row[index] ?? ''))) - columns;
  const fitting = Math.max(narrowestAddress, addressWidth - excess);
  return tableText({
    head,
    rows: nodes.map((node) => cellsOf(node, paint)),
    right: [recordsColumn],
    ...(excess > 0 && { widest: { [addressColumn]: fitting } }),
  });
}

function cellsOf({ name, address, report }: SurveyedNode, paint: Paint): string[] {
  if (report === undefined) return [name, address, '-', paint('red', 'no answer'), '-', '-', '-', '-'];
  const { self } = report;
  return [
    name,
    address,
    self.version ?? '-',
    self.status === 'up' ? paint('green', 'up') : paint('yellow', self.status),
    readyCell(report.readiness, paint),
    self.live_records === undefined ? '-' : String(self.live_records),
    self.root_digest === undefined ? '-' : shortRoot(self.root_digest),
    self.uptime_ms === undefined ? '-' : duration(self.uptime_ms),
  ];
}

/** `no: synced, clock` names the gates that are closed. */
function readyCell(readiness: NonNullable<SurveyedNode['report']>['readiness'], paint: Paint): string {
  if (readiness === undefined) return '-';
  if (readiness.ready) return paint('green', 'yes');
  const closed = Object.entries(readiness.gates).flatMap(([gate, { open }]) => (open ? [] : [gate]));
  return paint('yellow', closed.length === 0 ? 'no' : `no: ${closed.join(', ')}`);
}
