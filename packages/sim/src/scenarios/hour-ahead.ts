import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const hourMs = 3_600_000;
const wrongMs = { fromMs: 18_000, toMs: 60_000 };
const startMs = { fromMs: 20_000, toMs: 24_000 };
const actsMs = 75_000;

/**
 * Clocks are up to 25 s apart, and a node starts with one that is an hour ahead: it is not ready and takes no writes, until
 * its clock is put right; then it joins, and what it stamps is taken everywhere.
 */
export const hourAhead: Scenario = {
  name: 'hour-ahead',
  about: 'a node starts an hour ahead: it takes no writes before its clock is right, and then it joins',
  leaseMs: 30_000,
  actsMs,
  convergeMs: 10_000,
  maxSkewMs: 25_000,
  forbid: ['expired', 'hidden'],
  mustSee: { registered: 40 },
  play(stage) {
    const { random, faults, nodes } = stage;
    const wrong = random.pick(nodes);
    faults.jumpClock(wrong, random.chance(0.8) ? hourMs : -hourMs, wrongMs);
    faults.crash(wrong, startMs, random.pick(['kept', 'lost'] as const));
    const problems: string[] = [];
    for (let atMs = startMs.toMs + 100; atMs < wrongMs.toMs; atMs += 500) {
      stage.at(atMs, () => {
        if (wrong.ready) problems.push(`${wrong.id} is ready with a clock that is an hour wrong`);
      });
    }
    stage.at(wrongMs.toMs + 10_000, () => {
      if (!wrong.ready) problems.push(`${wrong.id} is not ready though its clock is right again`);
    });
    // Told by the clock itself: what a node makes of it is another matter.
    stage.onChange((node, { origin }) => {
      const isWrong = stage.nowMs > startMs.toMs && stage.nowMs < wrongMs.toMs;
      if (node === wrong && isWrong && origin === 'local')
        problems.push(`${node.id} wrote with a wrong clock`);
    });
    busyClients(stage, {
      clients: 20,
      routings: ['moving'],
      acts: { change: 3, bounce: 1 },
      actEveryMs: 8000,
      untilMs: actsMs,
    });
    return () => problems[0];
  },
};
