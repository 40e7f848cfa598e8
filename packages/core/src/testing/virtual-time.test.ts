import { describe, expect, it, jest } from '@jest/globals';
import { VirtualTime } from './virtual-time.js';

/** A promise that needs many turns of the microtask queue. */
async function longChain(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
}

describe('virtual time', () => {
  it('runs tasks by time, and tasks of one time in the order in which they were planned', async () => {
    const time = new VirtualTime();
    const { scheduler } = time.node();
    const ran: string[] = [];
    const note = (name: string) => () => void ran.push(`${name}@${time.nowMs}`);
    scheduler.after(20, note('late'));
    scheduler.after(10, note('first'));
    scheduler.after(10, note('second'));
    scheduler.soon(note('now'));
    scheduler.after(0, note('also now'));
    await time.advance(15);
    expect(ran).toEqual(['now@0', 'also now@0', 'first@10', 'second@10']);
    expect(time.nowMs).toBe(15);
    await time.advance(5);
    expect(ran.at(-1)).toBe('late@20');
  });

  it('keeps the order however many tasks wait', async () => {
    const time = new VirtualTime();
    const ran: number[] = [];
    const delays = Array.from({ length: 500 }, (_, index) => (index * 7919) % 211);
    for (const delay of delays) time.scheduler.after(delay, () => void ran.push(delay));
    await time.advance(1000);
    expect(ran).toEqual(delays.toSorted((a, b) => a - b));
  });

  it('moves on only when everything that a task set off has settled', async () => {
    const time = new VirtualTime();
    const ran: string[] = [];
    const slow = async () => {
      await longChain();
      ran.push(`chain@${time.nowMs}`);
    };
    time.scheduler.after(1, () => void slow());
    time.scheduler.after(1, () => void ran.push('same time'));
    time.scheduler.after(2, () => void ran.push('next'));
    await time.advance(2);
    expect(ran).toEqual(['chain@1', 'same time', 'next']);
  });

  it('lets promises settle that were begun before it was told to move', async () => {
    const time = new VirtualTime();
    let planned = false;
    void longChain().then(() => time.scheduler.after(5, () => (planned = true)));
    await time.advance(5);
    expect(planned).toBe(true);
  });

  it('settle runs what is due now and stands still', async () => {
    const time = new VirtualTime();
    const ran: string[] = [];
    time.scheduler.soon(() => void time.scheduler.soon(() => void ran.push('soon of soon')));
    time.scheduler.after(1, () => void ran.push('later'));
    await time.settle();
    expect(ran).toEqual(['soon of soon']);
    expect(time.nowMs).toBe(0);
  });

  it('does not run what was cancelled, before or in the same instant', async () => {
    const time = new VirtualTime();
    const task = jest.fn();
    const cancels = [time.scheduler.soon(task), time.scheduler.after(5, task), time.scheduler.every(5, task)];
    time.scheduler.after(5, task);
    for (const cancel of cancels) cancel();
    await time.advance(100);
    expect(task).toHaveBeenCalledTimes(1);
    for (const cancel of cancels) cancel();
  });

  it('repeats without drifting until cancelled, from within too', async () => {
    const time = new VirtualTime();
    const at: number[] = [];
    const cancel = time.scheduler.every(10, () => {
      at.push(time.nowMs);
      if (at.length === 3) cancel();
    });
    await time.advance(100);
    expect(at).toEqual([10, 20, 30]);
  });

  it('skips idle time', async () => {
    const time = new VirtualTime();
    let done = false;
    time.scheduler.after(365 * 86_400_000, () => (done = true));
    expect(await time.runUntil(() => done, Number.MAX_SAFE_INTEGER)).toBe(365 * 86_400_000);
    expect(time.eventsRun).toBe(1);
  });

  it('runUntil stops at the task that makes the condition true', async () => {
    const time = new VirtualTime();
    let count = 0;
    time.scheduler.every(10, () => (count += 1));
    expect(await time.runUntil(() => count === 3, 1000)).toBe(30);
    expect(await time.runUntil(() => true)).toBe(0);
    await expect(time.runUntil(() => count > 1000, 100, 'a thousand')).rejects.toThrow(
      'not reached within 100 ms of virtual time: a thousand',
    );
    expect(time.nowMs).toBe(130);
  });

  it('finish waits for a promise and answers as it does', async () => {
    const time = new VirtualTime();
    const after = (ms: number) => new Promise<void>((resolve) => void time.scheduler.after(ms, resolve));
    await expect(time.finish(after(50).then(() => 'done'))).resolves.toBe('done');
    expect(time.nowMs).toBe(50);
    const failing = after(50).then(() => Promise.reject(new Error('no')));
    await expect(time.finish(failing)).rejects.toThrow('no');
    await expect(time.finish(new Promise(() => undefined), 10)).rejects.toThrow('the end of the promise');
  });

  it('fails with the error of a task, and can go on after it', async () => {
    const time = new VirtualTime();
    const task = jest.fn();
    time.scheduler.after(1, () => {
      throw new Error('a defect');
    });
    time.scheduler.after(2, task);
    await expect(time.advance(5)).rejects.toThrow('a defect');
    expect(time.nowMs).toBe(1);
    await time.advance(5);
    expect(task).toHaveBeenCalled();
  });

  it('notices misuse', async () => {
    const time = new VirtualTime();
    const moving = time.advance(1);
    await expect(time.advance(1)).rejects.toThrow('await the call before');
    await moving;
    await expect(time.advance(-1)).rejects.toThrow('-1');
    expect(() => time.scheduler.after(NaN, () => undefined)).toThrow('NaN');
    expect(() => time.scheduler.after(Infinity, () => undefined)).toThrow('Infinity');
    expect(() => time.scheduler.every(0, () => undefined)).toThrow('every 0 ms');
    expect(() => time.node({ rate: 0 })).toThrow('rate of 0');
  });

  it('notices tasks that plan each other at one instant for ever', async () => {
    const time = new VirtualTime({ maxTasksPerInstant: 50 });
    const again = () => void time.scheduler.soon(again);
    again();
    await expect(time.advance(1)).rejects.toThrow('time stands still at 0 ms');
  });

  it('runs a hundred thousand tasks in seconds', async () => {
    const time = new VirtualTime();
    for (let index = 0; index < 100; index += 1) time.scheduler.every(10 + index, () => undefined);
    await time.runUntil(() => time.eventsRun >= 100_000, 1e9);
    expect(time.eventsRun).toBe(100_000);
  });
});
