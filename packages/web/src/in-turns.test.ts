import { VirtualTime } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { inTurns } from './in-turns.js';

describe('inTurns', () => {
  it('makes of many pieces chunks that are the same text, one in each turn', async () => {
    const time = new VirtualTime();
    let made = 0;
    const pieces = function* () {
      for (; made < 1000; made += 1) yield `${made},`.padStart(100);
    };
    const chunks: string[] = [];
    const madeBy: number[] = [];
    const scheduler = { soon: (task: () => void) => (madeBy.push(made), time.scheduler.soon(task)) };
    const reading = (async () => {
      for await (const chunk of inTurns(pieces(), scheduler)) chunks.push(Buffer.from(chunk).toString());
    })();
    await time.finish(reading);
    expect(chunks).toHaveLength(2);
    const atOnce = madeBy.map((count, turn) => count - (madeBy[turn - 1] ?? 0));
    expect(chunks.join('')).toBe([...Array(1000).keys()].map((n) => `${n},`.padStart(100)).join(''));
    expect(Math.max(...atOnce)).toBeLessThan(200);
  });

  it('makes the same bytes of whatever characters, and of a piece that is larger than a chunk', async () => {
    const time = new VirtualTime();
    const pieces = ['ä', '', '漢字'.repeat(15_000), '😀', 'x'.repeat(200_000), '}'];
    const chunks: Uint8Array[] = [];
    const reading = (async () => {
      for await (const chunk of inTurns(pieces, time.scheduler)) chunks.push(chunk);
    })();
    await time.finish(reading);
    expect(Buffer.concat(chunks).equals(Buffer.from(pieces.join('')))).toBe(true);
  });

  it('takes a turn after many pieces in which there is nothing, too', async () => {
    const time = new VirtualTime();
    let turns = 0;
    const scheduler = { soon: (task: () => void) => ((turns += 1), time.scheduler.soon(task)) };
    await time.finish(inTurns(Array<string>(10_000).fill(''), scheduler).next());
    expect(turns).toBeGreaterThan(30);
  });

  it('makes nothing more until the turn is over, and nothing at all once nobody reads', async () => {
    const turns: (() => void)[] = [];
    const scheduler = { soon: (task: () => void) => (turns.push(task), () => undefined) };
    let made = 0;
    const pieces = function* () {
      for (;;) yield 'x'.repeat(100_000 + 0 * (made += 1));
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
