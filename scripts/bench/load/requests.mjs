// The requests that benches send, encoded before they are timed.
import { instance, keyOf, paths } from '../node-client.mjs';
import { encodeRequest } from './raw-connection.mjs';

/** The length of the answer to everything that has been done. */
export const successBytes = '{"response_status":{"error_code":"success"}}'.length;

export function heartbeatRequest(instances, path = paths.heartbeat) {
  return encodeRequest('POST', path, { body: JSON.stringify({ instance_keys: instances.map(keyOf) }) });
}

export function registerRequest(one, path = paths.register) {
  return encodeRequest('POST', path, { body: JSON.stringify({ instances: [one] }) });
}

/** An instance with something new to say. */
export function changed(one, count) {
  return { ...one, metadata: { version: `1.0.${count}` } };
}

/** Single heartbeats of so many instances. */
export function singleHeartbeats(count, path) {
  return Array.from({ length: count }, (_, number) => heartbeatRequest([instance(number)], path));
}

/** Answers each in turn, again and again; with a `stride` that is coprime to their number, neighbours far apart. */
export function inTurn(requests, stride = 1) {
  let at = 0;
  return () => {
    at = (at + stride) % requests.length;
    return requests[at];
  };
}
