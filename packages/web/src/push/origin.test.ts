import { describe, expect, it } from '@jest/globals';
import { isOriginAllowed } from './origin.js';

describe('the origin of a page', () => {
  const allowed = ['https://a.example'];

  it.each([
    [undefined, 'node:8080', true],
    ['http://node:8080', 'node:8080', true],
    ['https://NODE:8080', 'node:8080', true],
    ['https://a.example', 'node:8080', true],
    ['http://a.example', 'node:8080', false],
    ['https://a.example.evil', 'node:8080', false],
    ['http://node:8081', 'node:8080', false],
    ['http://node:8080.evil', 'node:8080', false],
    ['http://evil/node:8080', 'node:8080', false],
    ['null', 'null', false],
    ['http://node:8080', undefined, false],
  ])('%s at %s: %s', (origin, host, expected) => {
    const headers = { ...(origin !== undefined && { origin }), ...(host !== undefined && { host }) };
    expect(isOriginAllowed(headers, allowed)).toBe(expected);
  });
});
