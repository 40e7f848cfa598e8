import { describe, expect, it } from '@jest/globals';
import { isTooLarge, pack, unpack } from './packing.js';

/** So many bytes that hardly repeat themselves. */
function bytesOf(length: number): Buffer {
  let state = 1;
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1) {
    state = (state * 48_271) % 2_147_483_647;
    bytes[at] = state & 0xff;
  }
  return bytes;
}

async function unpacked(packed: Uint8Array, maxBytes: number): Promise<Uint8Array | 'too large'> {
  try {
    return await unpack(packed, maxBytes);
  } catch (error) {
    if (isTooLarge(error)) return 'too large';
    throw error;
  }
}

describe('packing', () => {
  it.each([0, 10, 65_536, 65_537, 262_144, 262_145, 1_000_000])(
    'brings %i bytes back, within the limit only',
    async (length) => {
      for (const bytes of [bytesOf(length), Buffer.alloc(length)]) {
        const packed = await pack(bytes);
        expect(bytes.equals((await unpacked(packed, Math.max(1, length))) as Buffer)).toBe(true);
        if (length > 1) expect(await unpacked(packed, length - 1)).toBe('too large');
      }
    },
  );

  it('has nobody wait for little', () => {
    expect(Buffer.isBuffer(pack(bytesOf(65_536)))).toBe(true);
    expect(Buffer.isBuffer(unpack(pack(bytesOf(1000)) as Buffer, 1_000_000))).toBe(true);
  });

  it('says what is no gzip', async () => {
    await expect(async () => unpack(bytesOf(100), 1000)).rejects.toMatchObject({ code: 'Z_DATA_ERROR' });
    await expect(async () => unpack(bytesOf(300_000), 1e6)).rejects.toMatchObject({ code: 'Z_DATA_ERROR' });
  });
});
