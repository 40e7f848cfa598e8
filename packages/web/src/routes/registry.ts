import type { AppState, HeartbeatResponse, RegisterResponse } from '@artemis/core';
import { KeptReply } from '../head.js';
import { json, type Reply } from '../reply.js';
import type { Handlers } from './handlers.js';

/** All there is to say when everything was done, which is most of the time. */
const allDone = new KeptReply(json({ response_status: { error_code: 'success' } }));

function answered(answer: RegisterResponse | HeartbeatResponse): Reply {
  return answer.response_status.error_code === 'success' ? allDone : json(answer);
}

export function registryHandlers({
  registry,
}: Pick<AppState, 'registry'>): Pick<Handlers, 'register' | 'heartbeat' | 'unregister'> {
  return {
    register: { POST: async ({ body }) => answered(await registry.register(body.instances)) },
    heartbeat: { POST: ({ body }) => answered(registry.heartbeat(body.instance_keys)) },
    unregister: { POST: async ({ body }) => answered(await registry.unregister(body.instance_keys)) },
  };
}
