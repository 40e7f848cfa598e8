import { setTimeout as sleep } from 'node:timers/promises';

/** Does something again and again, with a pause of so many ms, until `done` says so. */
export async function repeat(
  everyMs: number,
  done: () => boolean,
  act: (turn: number) => Promise<void>,
): Promise<void> {
  for (let turn = 0; !done(); turn += 1) {
    await act(turn);
    await sleep(everyMs);
  }
}
