import { describe, expect, it } from '@jest/globals';
import { fittedTable, visibleWidth } from './fitted-table.js';

const head = ['INSTANCE', 'STATUS', 'ZONE'];
const long = 'an-instance-with-a-very-long-id-0123456789';
const rows = [[long, '\u001b[32mup\u001b[39m', 'local/zone-of-the-far-east']];

describe('fittedTable', () => {
  it('leaves cells whole where there is room', () => {
    const [first, second] = fittedTable({ head, rows, columns: Infinity }).split('\n');
    expect(first).toBe(`INSTANCE${' '.repeat(long.length - 6)}STATUS  ZONE`);
    expect(second).toContain(long);
  });

  it.each([75, 60, 40])('fits %d columns, and cuts the widest cells', (columns) => {
    const lines = fittedTable({ head, rows, columns }).split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(visibleWidth(line)).toBeLessThanOrEqual(columns);
    expect(lines[1]).toContain('…');
    expect(lines[1]).toContain('\u001b[32mup\u001b[39m');
  });

  it('leaves enough of each column where nothing fits', () => {
    const [first, second = ''] = fittedTable({ head, rows, columns: 5 }).split('\n');
    expect(first).toBe('INSTANCE  STATUS  ZONE');
    expect(second).toMatch(/^an-inst… {2}/);
  });
});

it.each([
  ['', 0],
  ['orders', 6],
  ['\u001b[1;31mred\u001b[0m', 3],
  ['订单', 4],
  ['e\u0301', 1],
])('visibleWidth of %j', (text, width) => {
  expect(visibleWidth(text)).toBe(width);
});
