import type { Readable } from 'node:stream';
import { TransportError } from '@artemis/core';
import { isTooLarge, unpack } from './packing.js';

/** The text of an answer, unpacked. Rejects when it is cut off, or has more than `maxBytes` in the end. */
export async function answerText(
  stream: Readable,
  encoding: string | undefined,
  maxBytes: number,
): Promise<string> {
  const bytes = await readBytes(stream, maxBytes);
  if (bytes.length === 0 || encoding === undefined || encoding === 'identity') return bytes.toString('utf8');
  if (encoding !== 'gzip') {
    throw new TransportError('unparsable', `the answer comes as ${encoding}, for which nobody asked`);
  }
  try {
    return (await unpack(bytes, maxBytes)).toString('utf8');
  } catch (error) {
    throw isTooLarge(error) ? tooLarge(maxBytes) : error;
  }
}

function readBytes(stream: Readable, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
      // Ends the connection.
      else stream.destroy(tooLarge(maxBytes));
    });
    stream.on('end', () => resolve(Buffer.concat(chunks, length)));
    stream.on('error', reject);
    stream.on('close', () => {
      if (!stream.readableEnded)
        reject(new TransportError('reset', 'the connection ended before the answer did'));
    });
  });
}

function tooLarge(maxBytes: number): TransportError {
  return new TransportError('too-large', `the answer exceeds ${maxBytes} bytes`);
}
