import { anInstance } from '@artemis/core/testing';
import type { Scenario } from '../scenario.js';

const firstMs = 10_000;
const againMs = 25_000;
const crashMs = { fromMs: 11_000, toMs: 15_000 };
const cutMs = { fromMs: 14_000, toMs: 30_000 };
const keys = 8;

/**
 * A node registers instances, loses its disk, and starts with a clock that was set back, out of reach of the others, so that
 * it makes the very stamps again for other content. They are other versions all the same, and one of them wins everywhere.
 */
export const dejaVu: Scenario = {
  name: 'deja-vu',
  about: 'a node without disk and memory makes the same stamps again: they are other versions, and one wins',
  leaseMs: 60_000,
  actsMs: cutMs.toMs,
  convergeMs: 10_000,
  config: { replication: { bootstrapTimeoutMs: 3000 } },
  mustSee: { registered: 2 * keys },
  play(stage) {
    const { random, faults, nodes } = stage;
    const node = random.pick(nodes);
    const others = nodes.filter((other) => other !== node);
    faults.crash(node, crashMs, 'lost');
    faults.part([node], others, cutMs);
    faults.jumpClock(node, firstMs - againMs, { fromMs: crashMs.fromMs + 1000, toMs: againMs + 1000 });
    const stamps: (readonly number[])[] = [];
    const register = (content: string): void => {
      const made: number[] = [];
      for (let index = 0; index < keys; index += 1) {
        const instance = anInstance({ instance_id: `inst-${index}`, metadata: { content } });
        void node.node.state.registry.register([instance]);
      }
      for (const { version } of node.table.live()) made.push(version.stamp);
      stamps.push(made.sort((a, b) => a - b));
    };
    stage.at(firstMs, () => register('first'));
    stage.at(againMs, () => register('again'));
    return () => {
      const [first = [], again = []] = stamps;
      return first.some((stamp) => again.includes(stamp)) ? undefined : 'no stamp was made twice';
    };
  },
};
