import type { AppState } from '@artemis/core';
import { json } from '../reply.js';
import type { Handlers } from './handlers.js';

export function registryHandlers({
  registry,
}: Pick<AppState, 'registry'>): Pick<Handlers, 'register' | 'heartbeat' | 'unregister'> {
  return {
    register: { POST: async ({ body }) => json(await registry.register(body.instances)) },
    heartbeat: { POST: ({ body }) => json(registry.heartbeat(body.instance_keys)) },
    unregister: { POST: async ({ body }) => json(await registry.unregister(body.instance_keys)) },
  };
}
