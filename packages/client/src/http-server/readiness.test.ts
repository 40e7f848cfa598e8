import { VirtualTime } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Deferred } from '../waiting.js';
import { Readiness } from './readiness.js';

let time: VirtualTime;
let answers: boolean[];
let asked: number;

beforeEach(() => {
  time = new VirtualTime();
  answers = [];
  asked = 0;
});

function ask(isReady: () => boolean | Promise<boolean>): Readiness {
  const readiness = new Readiness({
    scheduler: time.scheduler,
    intervalMs: 1000,
    isReady: () => {
      asked += 1;
      return isReady();
    },
    answered: (answer) => answers.push(answer),
  });
  void readiness.start();
  return readiness;
}

describe('Readiness', () => {
  it('is asked at once and again after each answer', async () => {
    ask(() => asked !== 2);
    await time.settle();
    expect(answers).toEqual([true]);
    await time.advance(2000);
    expect(answers).toEqual([true, false, true]);
  });

  it('is not there when the callback throws', async () => {
    ask(() => {
      throw new Error('no database');
    });
    await time.advance(1000);
    expect(answers).toEqual([false, false]);
  });

  it('is not there while an answer is awaited, which is not asked for twice', async () => {
    const slow = new Deferred<boolean>();
    ask(() => (asked === 1 ? slow.promise : true));
    await time.advance(10_000);
    expect(asked).toBe(1);
    expect(answers.length).toBeGreaterThan(3);
    expect(answers).not.toContain(true);
    slow.resolve(true);
    await time.advance(1000);
    expect(answers.at(-1)).toBe(true);
  });

  it('is asked no more after it was stopped, whatever was under way', async () => {
    const slow = new Deferred<boolean>();
    const readiness = ask(() => slow.promise);
    readiness.stop();
    slow.resolve(true);
    await time.advance(5000);
    expect([asked, answers]).toEqual([1, []]);
  });
});
