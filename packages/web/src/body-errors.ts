import { ArtemisError } from '@artemis/core';

export function tooLarge(maxBytes: number): ArtemisError {
  return new ArtemisError('too-large', `the body is larger than ${maxBytes} bytes (server.max_body_bytes)`);
}

/** @param message what the one who reads it found */
export function notAsSaid(message: string | undefined): ArtemisError {
  return new ArtemisError('malformed', `the body is not what its headers say: ${message}`);
}
