import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fakeNode } from '../state.fixture.js';
import { attachPush } from './attach-push.js';

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

describe('a connection that breaks while its upgrade waits', () => {
  it('does no harm', async () => {
    // Never answers, so that the upgrade behind it waits.
    const server = createServer();
    closing.push(() => server.close());
    const push = attachPush(server, fakeNode().state);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const caller = connect((server.address() as AddressInfo).port, '127.0.0.1');
    caller.on('error', () => undefined);
    const upgrade = 'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    caller.write(`GET /held HTTP/1.1\r\nHost: a\r\n\r\n${upgrade}`);
    const [request] = (await once(server, 'upgrade')) as [IncomingMessage];
    const { socket } = request;
    // An error that nobody listens to is thrown, and would end the process.
    expect(() => socket.emit('error', new Error('reset'))).not.toThrow();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    caller.resetAndDestroy();
    await closed;
    expect(push.sessions).toBe(0);
    push.close();
  });
});
