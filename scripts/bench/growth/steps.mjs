// What the growth of a cost is told with: what it is at each step, and the slope over all of them.
import { figure } from '../figures.mjs';
import { slope } from '../statistics.mjs';

/** `smallest`, and so many steps of so many times as much. */
export function steps({ smallest, steps: count, times }) {
  return Array.from({ length: count }, (_, index) => smallest * times ** index);
}

/**
 * Figures of a cost by size, and its slope: 0 does not grow, 1 grows as the size does.
 * @param {[number, number][]} points size and cost
 */
export function growthFigures(name, points, unit, per) {
  return [
    ...points.map(([size, cost]) => figure(`${name}, ${size} ${per}`, cost, unit)),
    figure(`${name}: slope`, slope(points), ''),
  ];
}
