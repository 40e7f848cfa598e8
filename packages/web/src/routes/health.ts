import { openApiDocument, type AppState } from '@artemis/core';
import { json, jsonBody, text } from '../reply.js';
import type { Handlers } from './handlers.js';

type HealthState = Pick<AppState, 'cluster' | 'health' | 'metrics'>;

const retryAfter = { 'Retry-After': '1' };

/** What load balancers, monitors and tools ask. */
export function healthHandlers({
  cluster,
  health,
  metrics,
}: HealthState): Pick<Handlers, 'health' | 'ready' | 'metrics' | 'openapi'> {
  let document: string | undefined;
  return {
    health: {
      GET() {
        const reason = health.unhealthy();
        return reason === undefined ? text('OK') : text(reason, 503, retryAfter);
      },
    },
    ready: {
      GET() {
        const readiness = health.readiness();
        return readiness.ready ? json(readiness) : json(readiness, 503, retryAfter);
      },
    },
    metrics: {
      async GET() {
        const page = await metrics.render();
        return text(page.text, 200, {}, page.contentType);
      },
    },
    openapi: {
      GET() {
        document ??= JSON.stringify(openApiDocument({ version: cluster.node().version }));
        return jsonBody(document);
      },
    },
  };
}
