import { VirtualTime } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { inTurns } from './in-turns.js';

describe('inTurns', () => {
  it('makes of many pieces chunks that are the same bytes, a piece in each turn', async () => {
    const time = new VirtualTime();
    let made = 0;
    // As those who make them do: in the same memory.
    const memory = Buffer.alloc(1000);
    const pieces = function* () {
      for (; made < 100; made += 1) {
        memory.fill(`${made},`.padStart(100));
        yield memory.subarray(0, 900 + made);
      }
    };
    const chunks: string[] = [];
    const madeBy: number[] = [];
    const scheduler = { soon: (task: () => void) => (madeBy.push(made), time.scheduler.soon(task)) };
    const reading = (async () => {
      for await (const chunk of inTurns(pieces(), scheduler)) chunks.push(Buffer.from(chunk).toString());
    })();
    await time.finish(reading);
    expect(chunks).toHaveLength(2);
    const wanted = [...Array(100).keys()].map((n) =>
      `${n},`
        .padStart(100)
        .repeat(10)
        .slice(0, 900 + n),
    );
    expect(chunks.join('')).toBe(wanted.join(''));
    expect(madeBy).toEqual([...Array(100).keys()]);
  });

  it('takes a piece that is larger than a chunk', async () => {
    const time = new VirtualTime();
    const pieces = ['{', 'x'.repeat(200_000), '', '}'].map((text) => Buffer.from(text));
    const chunks: Uint8Array[] = [];
    const reading = (async () => {
      for await (const chunk of inTurns(pieces, time.scheduler)) chunks.push(chunk);
    })();
    await time.finish(reading);
    expect(Buffer.concat(chunks).equals(Buffer.concat(pieces))).toBe(true);
  });

  it('makes nothing more until the turn is over, and nothing at all once nobody reads', async () => {
    const turns: (() => void)[] = [];
    const scheduler = { soon: (task: () => void) => (turns.push(task), () => undefined) };
    let made = 0;
    const pieces = function* () {
      for (;;) yield Buffer.alloc(100_000 + 0 * (made += 1));
    };
    const chunks = inTurns(pieces(), scheduler);
    await chunks.next();
    const second = chunks.next();
    await Promise.resolve();
    expect([made, turns.length]).toEqual([1, 1]);
    turns[0]?.();
    await second;
    await chunks.return(undefined);
    expect(await chunks.next()).toMatchObject({ done: true });
    expect(made).toBe(2);
  });
});
