import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';

/** Kept at the socket and at the server: a map would be written to with every request. */
const latest = Symbol('the latest answer');
const followed = Symbol('answers are followed');

type Followed = Pick<EventEmitter, 'on'> & { [followed]?: true };
type Asked = Duplex & { [latest]?: ServerResponse };

/** From here on {@link latestAnswer} knows what is asked on the connections of a server. May be called again. */
export function followAnswers(server: Followed): void {
  if (server[followed] === true) return;
  server[followed] = true;
  server.on('request', ({ socket }: IncomingMessage, res: ServerResponse) => {
    (socket as Asked)[latest] = res;
  });
}

/** The answer, under way or done, to what was asked last on a connection. */
export function latestAnswer(socket: Asked): ServerResponse | undefined {
  return socket[latest];
}
