import {
  createServer,
  request,
  type IncomingHttpHeaders,
  type RequestListener,
  type ServerOptions,
} from 'node:http';
import { duplexPair, type Duplex } from 'node:stream';
import { expect } from '@jest/globals';
import { createApp, servedRoutes } from './app.js';
import { expressApp } from './express-app.js';
import { mountable } from './mountable.js';
import { ownMessages } from './listen.js';
import { fakeNode, type FakeNode, type Overrides } from './state.fixture.js';

export interface Injected {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON with its content type; a list of buffers goes out chunked. */
  readonly body?: object | string | Buffer | readonly Buffer[];
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[];
  readonly bytes: Buffer;
  readonly text: string;
  json(): unknown;
}

/** The address from which injected requests come. */
export const clientAddress = '192.0.2.7';

/** A connection to the app without port or socket: the near end is the client's, the far end the server's. */
export function connect(
  app: RequestListener,
  options: ServerOptions = ownMessages,
): { near: Duplex; far: Duplex } {
  const [near, far] = duplexPair();
  // The server side needs of a socket only what Express asks of it.
  createServer(options, app).emit('connection', Object.assign(far, { remoteAddress: clientAddress }));
  far.once('close', () => near.destroy());
  return { near, far };
}

const ofSomebodyElse: ServerOptions = { keepAliveTimeout: ownMessages.keepAliveTimeout };

/** A node, and its app as tests ask it. */
export interface Started extends FakeNode {
  readonly app: TwinApp;
}

/** An app with a twin that answers the same questions by another way. */
interface TwinApp extends RequestListener {
  readonly twin?: RequestListener;
}

/**
 * The app of a fake node. {@link inject} asks it everything twice: as everybody does, and another node that is like it
 * by way of Express alone, on a server of somebody else. Both answers must be the same, byte by byte.
 */
export function start(overrides?: Overrides): Started {
  const node = fakeNode(overrides);
  const { state } = fakeNode(overrides);
  const twin = mountable(expressApp(state, servedRoutes(state).values()));
  return { ...node, app: Object.assign(createApp(node.state), { twin }) };
}

/** Sends a request through Node's HTTP parser on both sides. */
export async function inject(app: TwinApp, request: Injected): Promise<Answer> {
  const answer = await injectOnce(app, request);
  if (app.twin !== undefined)
    expect(told(await injectOnce(app.twin, request, ofSomebodyElse))).toEqual(told(answer));
  return answer;
}

/** All that a caller is told but the time of day. */
function told({ status, rawHeaders, bytes }: Answer): unknown {
  const date = rawHeaders.indexOf('Date');
  return [status, rawHeaders.toSpliced(date, 2), bytes.toString('latin1')];
}

function injectOnce(
  app: RequestListener,
  { method, path, headers, body }: Injected,
  options?: ServerOptions,
): Promise<Answer> {
  const { near, far } = connect(app, options);
  const isJson = typeof body === 'object' && !Buffer.isBuffer(body) && !Array.isArray(body);
  return new Promise((resolve, reject) => {
    const call = request({
      // A connection of its own: what is left of it does not matter, though the server hears that it goes on.
      createConnection: () => near,
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      path,
      headers: {
        Connection: 'keep-alive',
        ...(isJson ? { 'Content-Type': 'application/json' } : {}),
        ...headers,
      },
    });
    call.on('error', reject);
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        near.destroy();
        far.destroy();
        const bytes = Buffer.concat(chunks);
        const text = bytes.toString('utf8');
        const json = () => JSON.parse(text) as unknown;
        const { statusCode: status = 0, headers, rawHeaders } = response;
        resolve({ status, headers, rawHeaders, bytes, text, json });
      });
    });
    if (Array.isArray(body)) for (const chunk of body as Buffer[]) call.write(chunk);
    call.end(isJson ? JSON.stringify(body) : Array.isArray(body) ? undefined : body);
  });
}
