import { CollectedLogger, SeededRandom, VirtualTime } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import type { Peer } from '../cluster/peer.js';
import type { Comparison } from './comparison.js';
import type { TableDigest } from './digest.js';
import { PeerRepair } from './peer-repair.js';

const intervalMs = 5000;
const rounds = 200;

/** A peer that is compared with again and again, each time after which it still differs. */
function repairOfOne(seed: number, state: Peer['state'] = 'alive') {
  const time = new VirtualTime();
  const logger = new CollectedLogger();
  const starts: number[] = [];
  const identity = { node_id: 'node2', synced: true, root_digest: 'theirs' };
  const repair = new PeerRepair({
    peer: { address: 'node2:8080', state, identity } as unknown as Peer,
    ownNodeId: 'node1',
    clock: time.clock,
    scheduler: time.scheduler,
    random: new SeededRandom(seed),
    logger,
    digest: { root: 'ours' } as unknown as TableDigest,
    comparison: {
      run: async () => {
        starts.push(time.nowMs);
        return { result: 'walked', equal: false, fetched: 1, given: 0 };
      },
    } as unknown as Comparison,
    intervalMs,
    probeIntervalMs: intervalMs,
    paused: () => false,
    unanswered: () => undefined,
    probe: () => undefined,
    ended: () => undefined,
  });
  return { time, logger, identity, starts, repair };
}

/** Times between comparisons, when nothing but the interval makes them due. */
async function gaps(seed: number): Promise<number[]> {
  const { time, starts, repair } = repairOfOne(seed);
  await time.advance(rounds * intervalMs);
  repair.stop();
  return starts.map((startMs, index) => startMs - (starts[index - 1] ?? 0));
}

describe('the interval of anti-entropy', () => {
  it('is itself give or take a quarter, so that nodes that start together do not compare together', async () => {
    const drawn = await gaps(1);
    expect(drawn.length).toBeGreaterThan(rounds * 0.9);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0.75 * intervalMs);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(1.25 * intervalMs);
    expect(Math.min(...drawn)).toBeLessThan(0.8 * intervalMs);
    expect(Math.max(...drawn)).toBeGreaterThan(1.2 * intervalMs);
    expect(await gaps(2)).not.toEqual(drawn);
  });
});

describe('a peer that compares itself with this node', () => {
  it('is left to it while it asks, though not for ever', async () => {
    const { time, starts, repair } = repairOfOne(1);
    await time.advance(1000);
    repair.asked();
    repair.seen({ recovered: true, newRun: false });
    await time.advance(200);
    expect(starts).toEqual([]);
    await time.advance(1000);
    expect(starts).toHaveLength(1);
    repair.seen({ recovered: true, newRun: false });
    for (let asked = 0; asked < 25; asked += 1) {
      repair.asked();
      await time.advance(100);
    }
    expect(starts).toHaveLength(1);
    for (let asked = 0; asked < 10; asked += 1) {
      repair.asked();
      await time.advance(100);
    }
    expect(starts).toHaveLength(2);
    repair.stop();
  });
});

describe('an outbox that overflows', () => {
  it('is told of once, until its peer holds the same again', () => {
    const { logger, identity, repair } = repairOfOne(1, 'dead');
    const missAThousand = () => {
      for (let missed = 0; missed < 1000; missed += 1) repair.missed('overflow');
    };
    missAThousand();
    expect(logger.lines.map(({ message }) => message)).toEqual([
      'The outbox of node2:8080 is full: an exchange will find what the peer lacks',
    ]);
    identity.root_digest = 'ours';
    repair.seen({ recovered: true, newRun: false });
    missAThousand();
    expect(logger.lines).toHaveLength(2);
    repair.stop();
  });
});
