import { SeededRandom, SimNetwork, VirtualTime } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import type { SimNode } from './sim-node.js';
import { drawSpan, FaultPlan } from './faults.js';

const [a, b] = ['a', 'b'].map((id) => ({ id, url: `http://${id}` }) as SimNode) as [SimNode, SimNode];

describe('FaultPlan', () => {
  it('keeps a direction cut until the last of its overlapping cuts ends', async () => {
    const time = new VirtualTime();
    const network = new SimNetwork({ scheduler: time.scheduler, random: new SeededRandom(1) });
    network.attach(b.url, async () => ({ status: 200, headers: {}, body: undefined }));
    const notes: string[] = [];
    const plan = new FaultPlan({
      network,
      scheduler: time.scheduler,
      nowMs: () => time.nowMs,
      note: (text) => notes.push(`${time.nowMs} ${text}`),
      failed: (_node, error) => notes.push(String(error)),
    });
    plan.cut([a, b], { fromMs: 100, toMs: 300 });
    plan.cut([a, b], { fromMs: 200, toMs: 400 });
    const reached: number[] = [];
    for (const atMs of [50, 150, 350, 450]) {
      await time.advance(atMs - time.nowMs);
      const request = { method: 'GET', path: '/', headers: {}, timeoutMs: 20 } as const;
      await time.finish(network.transport(a.url).call(b.url, request)).then(
        () => reached.push(atMs),
        () => undefined,
      );
    }
    expect(reached).toEqual([50, 450]);
    expect([plan.counts, plan.endMs]).toEqual([{ cut: 2 }, 400]);
    expect(notes[0]).toBe('100 cut a -> b begins');
  });

  it('draws spans within what it is given', () => {
    const random = new SeededRandom(1);
    for (let draw = 0; draw < 1000; draw += 1) {
      const { fromMs, toMs } = drawSpan(random, { fromMs: 100, toMs: 500 }, [50, 1000]);
      expect(fromMs).toBeGreaterThanOrEqual(100);
      expect(toMs).toBeLessThanOrEqual(500);
      expect(toMs - fromMs).toBeGreaterThanOrEqual(49);
    }
  });
});
