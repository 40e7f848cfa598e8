import type { Scheduler } from '@artemis/core';

/** Characters that are put into words in one turn, a fraction of a millisecond. */
const perTurn = 16_384;
/** Characters in a chunk. Each is compressed in another thread: many small ones would wait for that more than they save. */
const perChunk = 4 * perTurn;

/** Puts pieces together to chunks, a part in each turn: a long answer must not hold up the others. */
export async function* inTurns(
  pieces: Iterable<string>,
  scheduler: Pick<Scheduler, 'soon'>,
): AsyncGenerator<string> {
  let chunk = '';
  let part = '';
  for (const piece of pieces) {
    part += piece;
    if (part.length < perTurn) continue;
    chunk += part;
    part = '';
    if (chunk.length >= perChunk) {
      yield chunk;
      chunk = '';
    }
    await new Promise<void>((resolve) => void scheduler.soon(resolve));
  }
  yield chunk + part;
}
