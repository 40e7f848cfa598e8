import { expect, it } from '@jest/globals';
import { jsonText } from './json-text.js';

it('holds no control characters but the line ends of its own, and the same values', () => {
  const value = { name: 'a\u001b[2J\u009b2J\u007f\n', list: ['订单'] };
  expect(JSON.parse(jsonText(value))).toEqual(value);
  expect(jsonText(value, 0)).toBe('{"name":"a\\u001b[2J\\u009b2J\\u007f\\n","list":["订单"]}');
  expect(jsonText(value).split('\n')).toHaveLength(6);
});
