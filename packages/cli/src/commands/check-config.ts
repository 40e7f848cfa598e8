import type { ConfigRow } from '@artemis/core/config';
import { describeConfig } from '@artemis/core/config';
import { readConfiguration } from '../configuration.js';
import { exitCodes } from '../exit-codes.js';
import type { Host } from '../host.js';

export interface CheckConfigOptions {
  readonly file: string;
  /** Whether to print JSON instead of a table. */
  readonly json: boolean;
}

/** Prints every effective value and where it came from. Problems are thrown, all at once. */
export function checkConfig({ file, json }: CheckConfigOptions, host: Host): number {
  const rows = describeConfig(readConfiguration({ file }, host));
  // The JSON has the shape of /api/status/config.json.
  host.stdout.write(json ? `${JSON.stringify({ config: rows }, null, 2)}\n` : table(rows));
  return exitCodes.ok;
}

/** A value longer than this, a list of peers for instance, pushes only its own row out of line. */
const widestValue = 24;

function table(rows: readonly ConfigRow[]): string {
  const cells = [
    ['KEY', 'VALUE', 'SOURCE'] as const,
    ...rows.map(({ key, value, source }) => [key, valueText(value), source] as const),
  ];
  const keyWidth = Math.max(...cells.map(([key]) => key.length));
  const valueWidth = Math.max(
    ...cells.map(([, value]) => value.length).filter((length) => length <= widestValue),
  );
  return cells
    .map(([key, value, source]) => `${key.padEnd(keyWidth)}  ${value.padEnd(valueWidth)}  ${source}\n`)
    .join('');
}

/** As the file would have it; `-` stands for no value. */
function valueText(value: unknown): string {
  if (value === null) return '-';
  return Array.isArray(value)
    ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
    : JSON.stringify(value);
}
