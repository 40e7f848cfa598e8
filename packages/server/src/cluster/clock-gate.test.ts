import type { NodeStatus } from '@artemis/core';
import { simRuntime } from '@artemis/core/testing';
import type { SimRuntime } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ClockGate } from './clock-gate.js';
import { aNode } from './cluster.fixture.js';
import { momentOf, Peer } from './peer.js';
import { SteadyWallClock } from './wall-clock.js';

let runtime: SimRuntime;
let peers: Peer[];
let gate: ClockGate;
let news: boolean[];

beforeEach(() => {
  runtime = simRuntime();
  const { clock, logger } = runtime;
  peers = [];
  news = [];
  const wall = new SteadyWallClock(clock, logger, () => undefined);
  gate = new ClockGate({
    clock,
    wall,
    logger,
    maxDriftMs: 60_000,
    peers: () => peers,
    right: (again) => news.push(again),
  });
});

/** Peers whose wall clocks are so far ahead of the true time. */
function peersAhead(...aheadMs: number[]): void {
  const now = momentOf(runtime.clock);
  peers = aheadMs.map((ms, index) => {
    const peer = new Peer({ address: `p${index}:1`, url: `http://p${index}:1` }, 'configured', 5000, now);
    peer.identified(told(ms), now, now.monotonicMs);
    return peer;
  });
}

function told(aheadMs: number): NodeStatus {
  return aNode({ wall_time_ms: runtime.time.startWallMs + runtime.time.nowMs + aheadMs }, runtime);
}

describe('ClockGate', () => {
  it.each([
    [[], true],
    [[30_000], true],
    [[30_001], false],
    [[-30_001], false],
    [[0, 3_600_000], true],
    [[3_600_000, 3_600_000], false],
    [[-3_600_000, 3_600_000, 3_600_000], false],
    [[0, 10_000, 3_600_000, 3_600_000], true],
  ])('compares with the middle one of peers ahead by %j: open %s', (aheadMs, open) => {
    peersAhead(...aheadMs);
    gate.review();
    expect(gate.reason === undefined).toBe(open);
  });

  it('says how wrong the clock is, and which way', () => {
    peersAhead(3_600_000);
    gate.review();
    expect(gate.reason).toBe('the clock of this node is 3600.0 s behind those of its peers');
    expect(gate.offsetMs).toBe(-3_600_000);
    expect(runtime.logger.lines.map(({ level }) => level)).toEqual(['error']);
  });

  it('counts half of the way of the answer', () => {
    const now = momentOf(runtime.clock);
    const peer = new Peer({ address: 'p:1', url: 'http://p:1' }, 'configured', 5000, now);
    // It looked at its clock 400 ms after it was asked, and its answer arrives after another 400.
    peer.identified(told(400), { ...now, monotonicMs: now.monotonicMs + 800 }, now.monotonicMs);
    expect(peer.wallLeadMs({ monotonicMs: 800, wallMs: now.wallMs + 800 })).toBe(0);
  });

  it('follows a clock that is put right while the gate is closed, and tells of it once', () => {
    runtime.clock.setSkew(3_600_000);
    const { clock, logger } = runtime;
    const wall = new SteadyWallClock(clock, logger, () => undefined);
    gate = new ClockGate({
      clock,
      wall,
      logger,
      maxDriftMs: 60_000,
      peers: () => peers,
      right: (again) => news.push(again),
    });
    peersAhead(0, 0);
    gate.review();
    runtime.clock.setSkew(28_000);
    gate.review();
    expect(gate.reason).toContain('28.0 s ahead of');
    runtime.clock.setSkew(20);
    gate.review();
    gate.review();
    expect([gate.reason, news]).toEqual([undefined, [true]]);
    expect(wall.wallMs()).toBe(runtime.clock.wallMs());
  });

  it('does not follow a clock that jumps while the gate is open', () => {
    peersAhead(0, 0);
    gate.review();
    runtime.clock.jump(3_600_000);
    gate.review();
    expect([gate.reason, gate.offsetMs, news]).toEqual([undefined, 0, [false]]);
  });

  it('proves nothing wrong once no peer is left', () => {
    peersAhead(3_600_000);
    gate.review();
    peers = [];
    gate.review();
    expect([gate.reason, news]).toEqual([undefined, []]);
    peersAhead(0);
    gate.review();
    expect(news).toEqual([true]);
  });
});
