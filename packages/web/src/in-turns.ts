import type { Scheduler } from '@artemis/core';

/** Characters in a chunk: what is put into words in one turn, a fraction of a millisecond. */
const chunkChars = 16_384;

/** Puts pieces together to chunks, and makes one of them in each turn: a long answer must not hold up the others. */
export async function* inTurns(
  pieces: Iterable<string>,
  scheduler: Pick<Scheduler, 'soon'>,
): AsyncGenerator<string> {
  let chunk = '';
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length < chunkChars) continue;
    yield chunk;
    chunk = '';
    await new Promise<void>((resolve) => void scheduler.soon(resolve));
  }
  yield chunk;
}
