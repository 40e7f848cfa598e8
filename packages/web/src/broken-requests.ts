import { maxHeaderSize, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { ArtemisError, type AppState, type Scheduler } from '@artemis/core';
import { followAnswers, latestAnswer } from './latest-answer.js';
import { rawAnswer } from './raw-answer.js';

/** How long a caller may take to read why its connection ends, ms. */
const lingerMs = 1_000;

interface BrokenRequestOptions {
  readonly scheduler: Scheduler;
  /** The node that answers, which every answer names. */
  readonly node: Pick<AppState, 'http' | 'clock'> | undefined;
}

/** An error of Node's HTTP parser says what it met. */
type ClientError = NodeJS.ErrnoException & { readonly reason?: string };

/**
 * Answers what never becomes a request, since it is no HTTP, is too large or too slow, in the same shape as everything
 * else; Node alone would answer a bare status. The connection ends with the answer.
 */
export function answerBrokenRequests(server: Server, { scheduler, node }: BrokenRequestOptions): void {
  const answered = new WeakSet<Duplex>();
  followAnswers(server);
  server.on('clientError', (error: ClientError, socket) => {
    // What comes after the fault is a fault again.
    if (answered.has(socket)) return;
    answered.add(socket);
    const problem = problemOf(error);
    const current = latestAnswer(socket);
    const isWithinAnswer = current?.headersSent === true && !current.writableEnded;
    if (problem === undefined || !socket.writable || isWithinAnswer) {
      socket.destroy();
      return;
    }
    socket.end(rawAnswer(problem, node));
    // Cut at once, a caller that is still sending would lose the answer.
    const cancel = scheduler.after(lingerMs, () => socket.destroy());
    socket.once('close', cancel);
  });
}

/** `undefined` when nobody is left to be told. */
function problemOf({ code = '', reason, message }: ClientError): ArtemisError | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new ArtemisError('too-slow', 'the request did not arrive in time');
  if (code === 'HPE_HEADER_OVERFLOW') {
    const what = 'the request line and the headers';
    return new ArtemisError('headers-too-large', `${what} are larger than ${maxHeaderSize} bytes`);
  }
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW')
    return new ArtemisError('too-large', 'the extensions of the chunks are larger than a body may be');
  if (!code.startsWith('HPE_')) return undefined;
  return new ArtemisError('malformed', `this is no HTTP/1.1 request: ${reason ?? message}`);
}
