import type { ClientContext } from './client-context.js';
import { ClientError } from './client-error.js';
import { baseUrl } from './nodes/node-list.js';
import type { ClientLogger, ClientMetrics, ClientOptions } from './options.js';
import { systemEnvironment } from './system.js';
import { SeenClock } from './transport/seen-clock.js';

const defaultTimeoutMs = 5_000;

const silentLogger: ClientLogger = { error() {}, warn() {}, info() {}, debug() {} };
const noMetrics: ClientMetrics = { increment() {} };

/**
 * What the parts of a client share. Throws `invalid` when a number makes no sense.
 *
 * @param report takes errors that no call is waiting for
 */
export function contextOf(options: ClientOptions, report: ClientContext['report']): ClientContext {
  const { logger = silentLogger, metrics = noMetrics, requestTimeoutMs = defaultTimeoutMs } = options;
  requireAbove('requestTimeoutMs', requestTimeoutMs, 0);
  requireAbove('heartbeatIntervalMs', options.heartbeatIntervalMs ?? 1, 0);
  requireAbove('nodeRefreshIntervalMs', options.nodeRefreshIntervalMs ?? 0, -1);
  return {
    environment: options.environment ?? systemEnvironment(),
    logger,
    metrics,
    seenClock: new SeenClock(),
    requestTimeoutMs,
    region: options.region,
    zone: options.zone,
    report,
    listenerFailed: (error) => logger.error('A listener of the caller threw', { error: String(error) }),
  };
}

/** The base URLs that were given, each once. Throws `invalid` when there is none, or one that is no URL of a node. */
export function urlsOf({ urls = [], bootstrapUrl }: ClientOptions): string[] {
  const given = [...urls, ...(bootstrapUrl === undefined ? [] : [bootstrapUrl])];
  if (given.length === 0) throw new ClientError('invalid', 'urls: expected at least one, or a bootstrapUrl');
  for (const url of given) {
    if (!/^https?:\/\/[^/?#\s]+(\/[^?#\s]*)?$/i.test(url)) {
      throw new ClientError('invalid', `urls: expected http://HOST:PORT or https://HOST, got "${url}"`);
    }
  }
  return [...new Set(given.map(baseUrl))];
}

function requireAbove(name: string, value: number, floor: number): void {
  if (Number.isFinite(value) && value > floor) return;
  throw new ClientError('invalid', `${name}: expected a number of milliseconds above ${floor}, got ${value}`);
}
