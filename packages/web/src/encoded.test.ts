import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { accepted, bufferOf, bytesOfText, KeptBytes } from './encoded.js';

const large = 'x'.repeat(2000);
const small = 'x';

describe('bytes that are kept', () => {
  it('are compressed once however many ask meanwhile', async () => {
    const body = new KeptBytes(large);
    expect(body.packed).toBeUndefined();
    const [first, second] = [body.pack(), body.pack()];
    expect(second).toBe(first);
    const packed = await first;
    expect(gunzipSync(bufferOf(packed)).toString()).toBe(large);
    expect(body.packed).toBe(packed);
  });
});

describe('the bytes of a text', () => {
  it.each(['', 'plain', 'é', '€', '\u0000\u007f\u0080\u00ff'].flatMap((text) => [text, text.repeat(15_000)]))(
    'are those of UTF-8, and a text only where they are few (case %#)',
    (text) => {
      const bytes = bytesOfText(text);
      expect(Buffer.from(bufferOf(bytes)).equals(Buffer.from(text))).toBe(true);
      expect([typeof bytes === 'string', bytes.length]).toEqual([
        Buffer.byteLength(text) <= 14 * 1024,
        Buffer.byteLength(text),
      ]);
    },
  );
});

describe('what a caller is sent', () => {
  it.each<[string | undefined, 'gzip' | 'plain']>([
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['gzip, deflate, br', 'gzip'],
    ['br , gzip', 'gzip'],
    ['br, *', 'plain'],
    ['xgzip', 'plain'],
    ['gzip;q=0', 'plain'],
    ['gzip;q=0.5, br', 'plain'],
    ['', 'plain'],
    [undefined, 'plain'],
  ])('for Accept-Encoding %j is %s', (header, expected) => {
    expect(accepted(header, new KeptBytes(large))).toBe(expected);
  });

  it('is plain where that is short', () => {
    expect(accepted('gzip', new KeptBytes(small))).toBe('plain');
  });
});
