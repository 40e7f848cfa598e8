import type { Scheduler } from '@artemis/core';
import { nextTurn, TurnBudget } from '@artemis/core';

/** Characters that are made in one turn, a fraction of a millisecond. */
const perTurn = 16_384;
/** What a piece costs besides, in characters: looking for it, even when there is nothing in it. */
const perPiece = 100;
/** Bytes in a chunk. Each is compressed in another thread: many small ones would wait for that more than they save. */
const perChunk = 65_536;
/** Most bytes that a character takes in UTF-8. */
const widest = 3;

/**
 * Puts pieces together to chunks of bytes, a part in each turn: a long answer must not hold up the others. Nothing of it
 * is kept on the heap of the engine, where what lives for a while is copied when garbage is collected, and all wait.
 */
export async function* inTurns(
  pieces: Iterable<string>,
  scheduler: Pick<Scheduler, 'soon'>,
): AsyncGenerator<Uint8Array> {
  let chunk = Buffer.allocUnsafe(perChunk);
  let used = 0;
  const budget = new TurnBudget(perTurn);
  for (const piece of pieces) {
    const most = piece.length * widest;
    if (used > 0 && used + most > perChunk) {
      yield chunk.subarray(0, used);
      chunk = Buffer.allocUnsafe(perChunk);
      used = 0;
    }
    if (most > perChunk) yield Buffer.from(piece);
    else used += chunk.write(piece, used);
    if (budget.spend(piece.length + perPiece)) await nextTurn(scheduler);
  }
  yield chunk.subarray(0, used);
}
