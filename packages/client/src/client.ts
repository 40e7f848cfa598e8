import type { ArtemisClient } from './artemis-client.js';
import { ClientError } from './client-error.js';
import type { ClientOptions } from './options.js';

/** Makes a client. Nothing is sent before it is used. Throws `invalid` when the options make no sense. */
export function createClient(options: ClientOptions): ArtemisClient {
  throw new ClientError('invalid', `not there yet: ${JSON.stringify(options.urls)}`);
}
