import type { AppState, PeerRequest, PeerResponse } from '@artemis/core';
import { apiRoutes, ArtemisError, keyOf } from '@artemis/core';

/** The calls of a client that the simulation makes. */
export type ClientCall = 'register' | 'heartbeat' | 'unregister';

/** Virtual ms at which the client gives up, which is known here as the end of the connection would be. */
export const deadlineHeader = 'x-sim-deadline';

const clientCalls: readonly ClientCall[] = ['register', 'heartbeat', 'unregister'];

export function clientPath(call: ClientCall): string {
  return `${apiRoutes[call].path}.json`;
}

/** Whether a request is one of a client, not one of a node. */
export function isClientRequest({ path }: PeerRequest): boolean {
  return clientCalls.some((call) => clientPath(call) === path);
}

/** Answers clients as the HTTP routes of a node would, their clock included. */
export async function answerClient(state: AppState, request: PeerRequest): Promise<PeerResponse> {
  const clock = request.headers['x-artemis-clock'];
  if (clock !== undefined) state.clock.observeClient(Number(clock));
  const answer = await served(state, request);
  return { ...answer, headers: { 'x-artemis-clock': String(state.clock.stamp()) } };
}

function callOf({ path }: PeerRequest): ClientCall {
  const call = clientCalls.find((name) => clientPath(name) === path);
  if (call === undefined) throw new ArtemisError('unknown-path', `${path} is no call of a client`);
  return call;
}

/** The canonical keys that a client's request is about. */
export function keysOf({ body }: PeerRequest): string[] {
  const { instances, instance_keys: keys } = body as Partial<Record<string, Parameters<typeof keyOf>[0][]>>;
  return (instances ?? keys ?? []).map(keyOf);
}

async function served(state: AppState, request: PeerRequest): Promise<Omit<PeerResponse, 'headers'>> {
  try {
    return { status: 200, body: await handle(state, request) };
  } catch (error) {
    if (!(error instanceof ArtemisError)) throw error;
    const { code, message, status } = error;
    return { status, body: { response_status: { error_code: code, error_message: message } } };
  }
}

async function handle({ registry }: AppState, request: PeerRequest): Promise<unknown> {
  const { instances = [], instance_keys: keys = [] } = request.body as Record<string, unknown[]>;
  switch (callOf(request)) {
    case 'register':
      return registry.register(instances);
    case 'heartbeat':
      return registry.heartbeat(keys);
    case 'unregister':
      return registry.unregister(keys);
  }
}
