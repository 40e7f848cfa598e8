// What is made of single measurements: medians, percentiles, and how a cost grows.
import { createHistogram } from 'node:perf_hooks';

/**
 * @param {number[]} values
 * @returns {number}
 */
export function median(values) {
  if (values.length === 0) throw new Error('there is no median of nothing');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Times in milliseconds, held in an HDR histogram: three digits from a nanosecond on, whatever their number. */
export class Latencies {
  #histogram = createHistogram();

  /** @param {number} ms */
  record(ms) {
    // The histogram knows whole numbers from 1 on.
    this.#histogram.record(Math.max(1, Math.round(ms * 1e6)));
  }

  get count() {
    return this.#histogram.count;
  }

  get max() {
    return this.count === 0 ? Number.NaN : this.#histogram.max / 1e6;
  }

  /**
   * The time that so many percent do not exceed.
   * @param {number} percent
   */
  percentile(percent) {
    return this.count === 0 ? Number.NaN : this.#histogram.percentile(percent) / 1e6;
  }

  add(other) {
    this.#histogram.add(other.#histogram);
  }
}

/**
 * The exponent with which `y` grows with `x`, by least squares on a double logarithmic scale: 0 does not grow, 1 grows
 * as `x` does, 2 with its square.
 * @param {[number, number][]} points
 * @returns {number}
 */
export function slope(points) {
  if (points.length < 2) throw new Error('a slope needs two points');
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)]);
  const meanX = logs.reduce((sum, [x]) => sum + x, 0) / logs.length;
  const meanY = logs.reduce((sum, [, y]) => sum + y, 0) / logs.length;
  const covariance = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
