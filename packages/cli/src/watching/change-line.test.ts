import { expect, it } from '@jest/globals';
import { painter } from '../colours.js';
import { aChange } from '../fake-client.fixture.js';
import { visibleWidth } from '../registry/fitted-table.js';
import { ChangeLines } from './change-line.js';

const heard = (id: string) => ({
  change: aChange({ id, reason: 'registered' }),
  node: '127.0.0.1:8080',
  initial: false,
});
const long = 'orders-with-a-very-long-id-that-never-ends-0123456789';

it.each([40, 60, 80, 100])('fits a terminal of %d columns, and keeps both ends of a long id', (columns) => {
  const lines = new ChangeLines({ paint: painter(true), columns });
  const first = lines.line(heard(long));
  expect(visibleWidth(first)).toBeLessThanOrEqual(columns);
  expect(first).toMatch(/ orders.*…\S*789( |$)/);
  expect(first).toContain('\u001b[32mnew   \u001b[39m');
  expect(visibleWidth(lines.line(heard('orders-1')))).toBeLessThanOrEqual(columns);
});

it('shows everything where there is room', () => {
  const line = new ChangeLines({ paint: painter(false), columns: Infinity }).line(heard(long));
  expect(line).toMatch(
    new RegExp(` new {5}orders/${long} {2}up +registered +127.0.0.1:8080 {2}192.168.1.100:8080$`),
  );
});

it('shows no control characters', () => {
  const line = new ChangeLines({ paint: painter(false), columns: 120 }).line(heard('a\u001b[2J\n\u009b'));
  expect(line).toContain('orders/a\\u001b[2J\\u000a\\u009b');
});
