import { describe, expect, it } from '@jest/globals';
import { contentOf } from './push-stage.fixture.js';
import { textFrame } from './frame.js';

describe('a text frame', () => {
  it.each([
    ['', 2],
    ['x'.repeat(125), 2],
    ['x'.repeat(126), 4],
    ['ü'.repeat(32_767) + 'x', 4],
    ['ü'.repeat(32_768), 10],
  ])('has its length in bytes in front', (text, start) => {
    const frame = textFrame(text);
    expect(frame.length).toBe(start + Buffer.byteLength(text));
    expect(frame[0]).toBe(0x81);
    const length =
      start === 2 ? frame[1] : start === 4 ? frame.readUInt16BE(2) : Number(frame.readBigUInt64BE(2));
    expect(length).toBe(Buffer.byteLength(text));
    expect(contentOf(frame)).toBe(text);
  });
});
