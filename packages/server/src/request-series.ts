import type { RequestMetrics } from '@artemis/core';
import type { Metric, Registry } from 'prom-client';

type Request = Parameters<RequestMetrics['observe']>[0];

const prefix = 'artemis_http_';
const requestsName = `${prefix}requests_total`;
const durationName = `${prefix}request_duration_seconds`;
/** Upper bounds, seconds. */
const bounds = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

interface Sample {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** What was answered of one method, route and status. */
class Series {
  readonly labels: { readonly method: string; readonly route: string; readonly code: string };
  /** By bound; those above the last one are in none. */
  readonly buckets = new Float64Array(bounds.length);
  count = 0;
  seconds = 0;

  constructor({ method, route, status }: Request) {
    this.labels = { method, route, code: String(status) };
  }

  observe(seconds: number): void {
    this.count += 1;
    this.seconds += seconds;
    for (let index = 0; index < bounds.length; index += 1) {
      if (seconds > (bounds[index] as number)) continue;
      (this.buckets[index] as number) += 1;
      return;
    }
  }
}

/**
 * The metrics of requests. Counted here, and put into the form of the metrics library when somebody scrapes: it would
 * make a text of the labels for every request, which takes longer than all of a node's own work for a heartbeat.
 */
export class RequestSeries {
  readonly #series = new Map<string, Map<string, Map<number, Series>>>();

  constructor(registry: Registry) {
    const add = (metric: { name: string; help: string; type: string; get: () => Promise<unknown> }): void =>
      registry.registerMetric(metric as unknown as Metric);
    const requests = { name: requestsName, help: 'HTTP requests answered', type: 'counter' };
    add({ ...requests, get: async () => ({ ...requests, values: this.#counts() }) });
    const duration = { name: durationName, help: 'Time to answer an HTTP request', type: 'histogram' };
    add({ ...duration, get: async () => ({ ...duration, values: this.#durations() }) });
  }

  observe(request: Request): void {
    const byMethod = within(this.#series, request.route, () => new Map<string, Map<number, Series>>());
    const byStatus = within(byMethod, request.method, () => new Map<number, Series>());
    within(byStatus, request.status, () => new Series(request)).observe(request.seconds);
  }

  #counts(): Sample[] {
    return [...this.#all()].flat().map(({ labels, count }) => ({ labels, value: count }));
  }

  #durations(): Sample[] {
    return [...this.#all()].flatMap(durationsOf);
  }

  /** By route and method. */
  *#all(): Generator<readonly Series[]> {
    for (const byMethod of this.#series.values())
      for (const byStatus of byMethod.values()) yield [...byStatus.values()];
  }
}

function within<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const value = create();
  map.set(key, value);
  return value;
}

/** The time is told whatever the status was. */
function durationsOf(series: readonly Series[]): Sample[] {
  const { method = '', route = '' } = series[0]?.labels ?? {};
  const labels = { method, route };
  const sum = (read: (one: Series) => number): number => series.reduce((total, one) => total + read(one), 0);
  const count = sum((one) => one.count);
  let below = 0;
  const buckets = bounds.map((le, index): Sample => {
    below += sum(({ buckets: held }) => held[index] as number);
    return { metricName: `${durationName}_bucket`, labels: { le, ...labels }, value: below };
  });
  return [
    ...buckets,
    { metricName: `${durationName}_bucket`, labels: { le: '+Inf', ...labels }, value: count },
    { metricName: `${durationName}_sum`, labels, value: sum((one) => one.seconds) },
    { metricName: `${durationName}_count`, labels, value: count },
  ];
}
