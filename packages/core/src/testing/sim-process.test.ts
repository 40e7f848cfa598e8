import { describe, expect, it } from '@jest/globals';
import type { PeerRequest, PeerResponse, TransportError } from '../traits/runtime.js';
import { simRuntime, type SimRuntime } from './sim-runtime.js';

const request: PeerRequest = { method: 'POST', path: '/x', headers: {}, body: { n: 1 }, timeoutMs: 1000 };
const ok: PeerResponse = { status: 200, headers: {}, body: undefined };

/** Two nodes; what happens to the second is noted with its time. */
function twoNodes() {
  const a = simRuntime({ url: 'http://a:8080' });
  const { time, network } = a;
  const b = simRuntime({ url: 'http://b:8080', time, network });
  const notes: string[] = [];
  const note = (text: string): void => void notes.push(`${text}@${time.nowMs}`);
  network.attach(b.url, async () => (note('request'), ok), b.process);
  network.attach(a.url, async () => ok, a.process);
  const call = (from: SimRuntime, to: SimRuntime): void => {
    from.transport.call(to.url, request).then(
      ({ status }) => note(`${status}`),
      ({ kind }: TransportError) => note(kind),
    );
  };
  return { a, b, time, network, notes, note, call };
}

describe('the process of a simulated node', () => {
  it('does nothing while it is paused, and everything at once when it goes on: timers first', async () => {
    const { a, b, time, notes, note, call } = twoNodes();
    b.scheduler.every(100, () => note('tick'));
    b.scheduler.after(250, () => note('timer'));
    await time.advance(150);
    b.process.pause();
    b.process.pause();
    call(a, b);
    await time.advance(350);
    expect(notes).toEqual(['tick@100']);
    b.process.resume();
    await time.advance(110);
    // Of the ticks that were missed there is one.
    expect(notes).toEqual(['tick@100', 'tick@500', 'timer@500', 'request@500', '200@501', 'tick@600']);
  });

  it('reads first what arrived, if told so, and what comes meanwhile waits its turn', async () => {
    const { a, b, time, notes, note, call } = twoNodes();
    b.process.pause();
    b.scheduler.after(100, () => note('first timer'));
    b.scheduler.after(200, () => note('second timer'));
    call(a, b);
    await time.advance(300);
    b.process.resume('messages-first');
    b.scheduler.soon(() => note('planned while catching up'));
    await time.settle();
    expect(notes).toEqual([
      'request@300',
      'first timer@300',
      'second timer@300',
      'planned while catching up@300',
    ]);
  });

  it('takes requests in late, whose sender has given them up', async () => {
    const { a, b, time, notes, call } = twoNodes();
    b.process.pause();
    call(a, b);
    await time.advance(3000);
    b.process.resume();
    await time.advance(10);
    expect(notes).toEqual(['timeout@1000', 'request@3000']);
  });

  it('lets its own calls run into their time-out when it was paused too long', async () => {
    const { a, b, time, notes, call } = twoNodes();
    call(b, a);
    b.process.pause();
    await time.advance(500);
    b.process.resume();
    call(b, a);
    await time.advance(1);
    b.process.pause();
    await time.advance(2000);
    b.process.resume();
    await time.advance(10);
    expect(notes).toEqual(['200@500', 'timeout@2501']);
  });

  it('runs no timer that was taken back while it was held', async () => {
    const { b, time, notes, note } = twoNodes();
    const cancel = b.scheduler.after(100, () => note('timer'));
    b.process.pause();
    await time.advance(200);
    cancel();
    b.process.resume();
    await time.advance(200);
    expect(notes).toEqual([]);
  });

  it('ends at once: no timer runs, no answer is heard, and requests are reset or refused', async () => {
    const { a, b, time, network, notes, note, call } = twoNodes();
    network.attach(b.url, () => new Promise(() => undefined), b.process);
    b.scheduler.after(10, () => note('timer'));
    call(a, b);
    await time.advance(5);
    call(b, a);
    b.process.kill();
    await time.advance(20);
    expect(notes).toEqual(['reset@6']);
    call(a, b);
    await time.advance(20);
    expect(notes.at(-1)).toBe('refused@27');
    b.process.resume();
    expect(b.process.state).toBe('dead');
  });

  it('resets what waited for it while it was paused', async () => {
    const { a, b, time, notes, call } = twoNodes();
    b.process.pause();
    call(a, b);
    await time.advance(500);
    b.process.kill();
    await time.advance(10);
    expect(notes).toEqual(['reset@501']);
  });

  it('is another one for the next start at the same address', async () => {
    const { a, b, time, network, notes, call } = twoNodes();
    b.process.kill();
    const again = simRuntime({ url: b.url, time, network });
    network.attach(b.url, async () => ok, again.process);
    call(a, b);
    await time.advance(10);
    expect(notes).toEqual(['200@2']);
  });
});
