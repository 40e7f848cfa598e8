import type { ServerResponse } from 'node:http';
import type { NodeClock } from '@artemis/core';
import type { Reply } from './reply.js';

/**
 * Sends a reply. `X-Artemis-Clock` is read here, last of all, so that it is never older than what the request wrote.
 * Resolves when all of it is handed over, or the reader is gone.
 */
export async function send(res: ServerResponse, reply: Reply, clock: NodeClock): Promise<void> {
  if (res.destroyed) return;
  res.statusCode = reply.status;
  for (const [name, value] of Object.entries(reply.headers)) res.setHeader(name, value);
  res.setHeader('X-Artemis-Clock', String(clock.stamp()));
  const { body } = reply;
  if (body === undefined) {
    if (reply.status !== 204 && reply.status !== 304) res.setHeader('Content-Length', '0');
    res.end();
  } else if (typeof body === 'string') {
    res.setHeader('Content-Length', String(Buffer.byteLength(body)));
    res.end(body);
  } else {
    if (res.req.method !== 'HEAD') await stream(res, body);
    res.end();
  }
}

async function stream(res: ServerResponse, chunks: AsyncIterable<string>): Promise<void> {
  for await (const chunk of chunks) {
    if (res.destroyed) return;
    if (!res.write(chunk)) await drained(res);
    if (res.destroyed) return;
  }
}

/** Resolves when more can be written, or nothing ever again. */
function drained(res: ServerResponse): Promise<void> {
  if (res.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      res.off('close', done);
      resolve();
    };
    res.once('close', done);
    res.once('drain', done);
  });
}
