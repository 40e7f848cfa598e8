import type { Scheduler } from '@artemis/core';
import { nextTurn } from '@artemis/core';

/** Bytes in a chunk. Each is compressed in another thread: many small ones would wait for that more than they save. */
const perChunk = 65_536;

/**
 * Puts pieces together to chunks, a piece in each turn: a long answer must not hold up the others. A piece is copied
 * before the next one is made. Nothing of it is kept on the heap of the engine, where what lives for a while is copied
 * when garbage is collected, and all wait.
 */
export async function* inTurns(
  pieces: Iterable<Uint8Array>,
  scheduler: Pick<Scheduler, 'soon'>,
): AsyncGenerator<Uint8Array> {
  let chunk = Buffer.allocUnsafe(perChunk);
  let used = 0;
  for (const piece of pieces) {
    if (used > 0 && used + piece.length > perChunk) {
      yield chunk.subarray(0, used);
      chunk = Buffer.allocUnsafe(perChunk);
      used = 0;
    }
    if (piece.length > perChunk) yield Buffer.from(piece);
    else {
      chunk.set(piece, used);
      used += piece.length;
    }
    await nextTurn(scheduler);
  }
  yield chunk.subarray(0, used);
}
