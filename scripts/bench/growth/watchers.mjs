// What one change costs when more and more watch the service, from the change to the last delivery; beside a bare `ws`
// server with as many.
import { Audience, patient, race } from '../rows/fan-out.mjs';
import { median } from '../statistics.mjs';
import { growthFigures, steps } from './steps.mjs';

export const byWatchers = {
  name: 'watchers',
  title: 'one change to more and more watchers',
  sizes: {
    long: { smallest: 50, steps: 3, times: 10, rounds: 20 },
    short: { smallest: 50, steps: 2, times: 10, rounds: 10 },
  },
  async run({ stage, sizes }) {
    const node = await stage.single({ place: 'server', settings: patient });
    const bare = await stage.script('bare/push.mjs');
    const points = new Map();
    for (const watchers of steps(sizes)) {
      const audiences = [
        new Audience('Artemis', node.port, watchers),
        new Audience('a bare ws server', bare.port, watchers),
      ];
      await race(audiences, sizes.rounds);
      for (const { name, times } of audiences)
        points.set(name, [...(points.get(name) ?? []), [watchers, median(times)]]);
    }
    return [...points].flatMap(([name, all]) => [
      ...growthFigures(`${name}: last delivery`, all, 'ms', 'watchers'),
      ...growthFigures(
        `${name}: per watcher`,
        all.map(([watchers, ms]) => [watchers, (ms * 1000) / watchers]),
        'us',
        'watchers',
      ),
    ]);
  },
};
