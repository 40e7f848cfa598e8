import type { AppState } from '@artemis/core';
import { createApp } from './app.js';
import { listen, type Listener, type ListenOptions } from './listen.js';

/**
 * Serves a node on a port of its own: all of its routes and, over `/ws`, push. What {@link createApp}, {@link listen}
 * and `attachPush` do in parts. Rejects with a message that names the address when it cannot be had.
 */
export function serve(
  state: AppState,
  options: Pick<ListenOptions, 'host' | 'port' | 'requestTimeoutMs'>,
): Promise<Listener> {
  const { scheduler, logger } = state;
  return listen(createApp(state), { ...options, scheduler, logger, node: state, push: state });
}
