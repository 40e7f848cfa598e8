import type { Scenario } from '../scenario.js';

const actsMs = 30_000;
const keys = 8;
const crowd = 200;

/**
 * Two hundred clients register with one service at the same instant, and several clients write each of a few other
 * keys, at different nodes at the same instant, time and again. Which of them wins is a matter of chance; that it is
 * the same one everywhere, at once and without one message too many, is not.
 */
export const concurrent: Scenario = {
  name: 'concurrent',
  about:
    'the same key written on several nodes at one instant: one winner everywhere; 200 at once: all there',
  leaseMs: 20_000,
  actsMs,
  convergeMs: 1000,
  faultFree: true,
  mustSee: { registered: crowd + keys * 10, unregistered: keys },
  play(stage) {
    for (let index = 0; index < crowd; index += 1) {
      const client = stage.client({ name: `inst-${index}`, service: 'crowd', home: index });
      stage.at(1000, () => client.register());
    }
    for (let key = 0; key < keys; key += 1) {
      const random = stage.random.fork(`key ${key}`);
      const rivals = stage.nodes.map((_node, home) =>
        stage.client({ name: `rival-${key}`, shared: true, home }),
      );
      for (let round = 1; round <= 10; round += 1) {
        const atMs = round * 2500 + random.between(0, 500);
        const leaver = round % 3 === 0 ? random.pick(rivals) : undefined;
        for (const [index, rival] of rivals.entries()) {
          const by = { by: `${index}.${round}` };
          stage.at(atMs, () => (rival === leaver ? rival.unregister() : rival.register({ metadata: by })));
        }
      }
    }
    return () => {
      const counts = stage.nodes.map(({ node }) => {
        const { service } = node.state.discovery.service({ service_id: 'crowd' }).response;
        return service?.instances.length ?? 0;
      });
      return counts.every((count) => count === crowd)
        ? undefined
        : `the crowd is ${counts.join(', ')}, not ${crowd}`;
    };
  },
};
