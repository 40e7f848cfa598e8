import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Serves a request that asked to go on in another protocol as the plain request that it also is: a server may ignore
 * `Upgrade`, and callers such as Java's HTTP client send `h2c` with their first request. By the time it is known that
 * nobody wants the upgrade, Node has let go of the connection, so that it gets it back with the request put anew.
 */
export function serveAsPlain(
  server: Pick<Server, 'emit'>,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): void {
  const { method = 'GET', url = '/', httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const value = rawHeaders[index + 1] ?? '';
    if (/^upgrade$/i.test(name)) continue;
    lines.push(`${name}: ${/^connection$/i.test(name) ? withoutUpgrade(value) : value}`);
  }
  const text = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  socket.unshift(Buffer.concat([text, head]));
  server.emit('connection', socket);
  socket.resume();
}

/** An empty `Connection` header means that the connection is kept, as HTTP/1.1 has it. */
function withoutUpgrade(options: string): string {
  const kept = options.split(',').filter((option) => option.trim().toLowerCase() !== 'upgrade');
  return kept.join(',').trim();
}
