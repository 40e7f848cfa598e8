import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { inflate } from './inflate.js';

const maxBytes = 1_000_000;

/** What becomes of a body: its length, or what is wrong with it. */
function outcomeOf(packed: Buffer): Promise<unknown> {
  return new Promise((resolve, reject) => {
    inflate(packed, maxBytes, (bytes) => resolve(bytes.length), reject);
  });
}

describe('inflate', () => {
  it.each([0, 1000, 262_144, 262_145, maxBytes])('takes %i bytes', async (length) => {
    expect(await outcomeOf(gzipSync(Buffer.alloc(length, ' ')))).toBe(length);
  });

  it.each([maxBytes + 1, 50_000_000])('refuses %i bytes as too large', async (length) => {
    const bomb = gzipSync(Buffer.alloc(length, ' '), { level: 9 });
    await expect(outcomeOf(bomb)).rejects.toMatchObject({
      problem: 'too-large',
      message: 'the body is larger than 1000000 bytes (server.max_body_bytes)',
    });
  });

  it.each([10, 300_000])('says that %i bytes are no gzip', async (length) => {
    await expect(outcomeOf(Buffer.alloc(length, 'x'))).rejects.toMatchObject({
      problem: 'malformed',
      message: 'the body is not what its headers say: incorrect header check',
    });
  });

  it('hands on at once what is not much', () => {
    let taken = 0;
    inflate(
      gzipSync('[1]'),
      maxBytes,
      ({ length }) => (taken = length),
      () => undefined,
    );
    expect(taken).toBe(3);
  });
});
