import { describe, expect, it } from '@jest/globals';
import type { PeerRequest } from '../traits/runtime.js';
import { type TransportError } from '../traits/runtime.js';
import { SeededRandom } from './seeded-random.js';
import { SimNetwork, type SimNetworkOptions } from './sim-network.js';
import { VirtualTime } from './virtual-time.js';

const a = 'http://a:8080';
const b = 'http://b:8080';
const request: PeerRequest = { method: 'POST', path: '/x', headers: {}, body: { n: 1 }, timeoutMs: 1000 };

/** A network on which `b` answers with what it got, and what arrived there. */
function networkOf(options: Partial<SimNetworkOptions> & { seed?: number } = {}) {
  const time = new VirtualTime();
  const random = new SeededRandom(options.seed ?? 1);
  const network = new SimNetwork({ scheduler: time.scheduler, random, ...options });
  const arrived: { atMs: number; body: unknown }[] = [];
  network.attach(b, async ({ body }) => {
    arrived.push({ atMs: time.nowMs, body });
    return { status: 200, headers: {}, body };
  });
  const transport = network.transport(a);
  /** The status of a call or the kind of its failure, and when it ended. */
  const outcome = async (changes: Partial<PeerRequest> = {}) => {
    const ended = transport.call(b, { ...request, ...changes }).then(
      ({ status }) => `${status} at ${time.nowMs}`,
      (error: TransportError) => `${error.kind} at ${time.nowMs}`,
    );
    return time.finish(ended);
  };
  return { time, network, arrived, transport, outcome };
}

describe('the simulated network', () => {
  it('takes its time both ways', async () => {
    const { arrived, outcome } = networkOf({ faults: { delayMs: [20, 20] } });
    expect(await outcome()).toBe('200 at 40');
    expect(arrived).toEqual([{ atMs: 20, body: { n: 1 } }]);
  });

  it('draws delays from the range, so that calls overtake each other', async () => {
    const { time, transport, arrived } = networkOf({ faults: { delayMs: [1, 50] } });
    const calls = Array.from({ length: 50 }, (_, n) => transport.call(b, { ...request, body: n }));
    await time.finish(Promise.all(calls));
    const order = arrived.map(({ body }) => body as number);
    expect(order).not.toEqual(order.toSorted((x, y) => x - y));
    expect(arrived.every(({ atMs }) => atMs >= 1 && atMs < 50)).toBe(true);
  });

  it('times out by virtual time', async () => {
    const { network, outcome } = networkOf();
    network.attach(b, () => new Promise(() => undefined));
    expect(await outcome()).toBe('timeout at 1000');
  });

  it('loses requests: the far end never sees them', async () => {
    const { arrived, outcome } = networkOf({ faults: { requestLoss: 1 } });
    expect(await outcome()).toBe('timeout at 1000');
    expect(arrived).toEqual([]);
  });

  it('loses answers: the far end has done it, and the caller does not know', async () => {
    const { network, arrived, outcome } = networkOf();
    network.setLinkFaults(b, a, { answerLoss: 1 });
    expect(await outcome()).toBe('timeout at 1000');
    expect(arrived).toHaveLength(1);
    network.setLinkFaults(b, a, {});
    expect(await outcome()).toBe('200 at 1002');
  });

  it('loses about as many as told', async () => {
    const { time, transport, arrived } = networkOf({ faults: { requestLoss: 0.3 } });
    const calls = Array.from({ length: 2000 }, () => transport.call(b, request).catch(() => undefined));
    await time.finish(Promise.all(calls));
    expect(Math.abs(arrived.length - 1400)).toBeLessThan(80);
  });

  it('delivers requests twice: the caller gets one answer, that of the first', async () => {
    const { time, network, arrived, outcome } = networkOf({ faults: { duplicates: 1, delayMs: [5, 5] } });
    expect(await outcome()).toBe('200 at 10');
    await time.advance(100);
    expect(arrived.map(({ atMs }) => atMs)).toEqual([5, 10]);
    expect(network.log).toHaveLength(1);
  });

  it('does not take the answer to a double for that to the request, which was lost', async () => {
    const { arrived, outcome } = networkOf({ faults: { duplicates: 1, requestLoss: 1 } });
    expect(await outcome()).toBe('timeout at 1000');
    expect(arrived).toHaveLength(1);
  });

  it('cuts one way: requests do not get there', async () => {
    const { network, arrived, outcome } = networkOf();
    network.cut(a, b);
    expect(await outcome()).toBe('timeout at 1000');
    expect(arrived).toEqual([]);
    network.heal(a, b);
    expect(await outcome()).toBe('200 at 1002');
  });

  it('cuts the other way: requests get there, answers and refusals do not come back', async () => {
    const { network, arrived, outcome } = networkOf();
    network.cut(b, a);
    expect(await outcome()).toBe('timeout at 1000');
    expect(arrived).toHaveLength(1);
    network.detach(b);
    expect(await outcome()).toBe('timeout at 2000');
    network.heal();
    expect(await outcome()).toBe('refused at 2002');
  });

  it('loses what is on its way when a link is cut, and what was sent during a cut that has healed', async () => {
    const { time, network, transport, arrived } = networkOf({ faults: { delayMs: [50, 50] } });
    const calls = [transport.call(b, request)];
    await time.advance(10);
    network.cut(a, b);
    calls.push(transport.call(b, request));
    await time.advance(45);
    network.heal();
    await time.finish(Promise.allSettled(calls));
    expect(arrived).toEqual([]);
  });

  it('refuses calls to where nothing is attached', async () => {
    const { network, outcome } = networkOf();
    network.detach(b);
    expect(await outcome()).toBe('refused at 2');
  });

  it('passes on nothing but JSON', async () => {
    const { time, network, transport } = networkOf();
    const sent = { date: new Date(0), gone: undefined, none: NaN, deep: { list: [undefined] } };
    let received: unknown;
    network.attach(b, async ({ body, headers }) => {
      received = { body, headers };
      return { status: 200, headers: { 'X-Odd': '1' }, body: sent };
    });
    const answer = await time.finish(transport.call(b, { ...request, headers: { 'X-A': '1' }, body: sent }));
    const wire = { date: '1970-01-01T00:00:00.000Z', none: null, deep: { list: [null] } };
    expect(received).toStrictEqual({ body: wire, headers: { 'x-a': '1' } });
    expect(answer.body).toStrictEqual(wire);
    expect(answer.headers).toMatchObject({ 'x-odd': '1' });
  });

  it('shares no object between the two sides', async () => {
    const { time, network, transport } = networkOf();
    const body = { list: [1] };
    let received: unknown;
    network.attach(b, async (got) => {
      received = got.body;
      return { status: 200, headers: {}, body: received };
    });
    const answer = await time.finish(transport.call(b, { ...request, body }));
    expect(received).toEqual(body);
    expect(received).not.toBe(body);
    expect(answer.body).not.toBe(received);
  });

  it('fails the run when an endpoint has a defect', async () => {
    const { time, network, transport } = networkOf();
    network.attach(b, () => Promise.reject(new TypeError('x is undefined')));
    transport.call(b, request).catch(() => undefined);
    await expect(time.advance(10)).rejects.toThrow(
      'POST http://b:8080/x: the endpoint failed: TypeError: x is',
    );
  });

  it('counts messages and bytes by caller, callee and path', async () => {
    const { network, outcome } = networkOf();
    await outcome({ body: 'é' });
    await outcome({ path: '/y', body: undefined });
    await outcome({ path: '/y', body: undefined });
    expect(network.traffic()).toEqual({ requests: 3, requestBytes: 4, answers: 3, answerBytes: 4 });
    expect(network.traffic({ path: '/y' }).requests).toBe(2);
    expect(network.traffic({ from: a, to: b, path: '/x' }).requests).toBe(1);
    expect(network.traffic({ from: b })).toEqual({
      requests: 0,
      requestBytes: 0,
      answers: 0,
      answerBytes: 0,
    });
    expect(network.traffic({ to: a }).requests).toBe(0);
    network.resetTraffic();
    expect(network.traffic().requests).toBe(0);
  });

  it('keeps the last calls for who looks for a defect', async () => {
    const { network, outcome } = networkOf({ logLength: 2 });
    await outcome();
    await outcome({ path: '/y' });
    network.detach(b);
    await outcome({ method: 'GET' });
    expect(network.log).toEqual([`${a} -> ${b} POST /y: 200`, `${a} -> ${b} GET /x: refused`]);
  });

  it('does the same again with the same seed, and something else with another', async () => {
    const run = async (seed: number) => {
      const faults = { requestLoss: 0.2, answerLoss: 0.2, duplicates: 0.2, delayMs: [1, 100] } as const;
      const { outcome } = networkOf({ seed, faults });
      const outcomes: string[] = [];
      for (let n = 0; n < 50; n += 1) outcomes.push(await outcome());
      return outcomes;
    };
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });

  it('draws the chance of one link apart from the others', async () => {
    const arrivals = async (others: boolean) => {
      const { time, network, transport, arrived } = networkOf({ faults: { delayMs: [1, 100] } });
      const elsewhere = network.transport('http://c:8080');
      for (let n = 0; n < 20; n += 1) {
        if (others) elsewhere.call('http://d:8080', request).catch(() => undefined);
        await time.finish(transport.call(b, request));
      }
      return arrived.map(({ atMs }) => atMs);
    };
    expect(await arrivals(true)).toEqual(await arrivals(false));
  });
});
