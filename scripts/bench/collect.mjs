// The memory of a node once nothing of it is garbage any more, from outside: V8 keeps what is garbage for as long as
// there is room. A signal opens the inspector of a process that was started without any flag for it.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, memoryOf } from './processes.mjs';

/** What a node's environment must hold for {@link collect}: a port of its own for its inspector. */
export async function inspectable() {
  const port = await freePort();
  return { port, env: { NODE_OPTIONS: `--inspect-port=127.0.0.1:${port}` } };
}

async function addressOf(port) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/json/list`).catch(() => undefined);
    if (answer !== undefined) return (await answer.json())[0].webSocketDebuggerUrl;
    await sleep(50);
  }
  throw new Error('the inspector of a node does not answer');
}

function open(address) {
  const { WebSocket } = createRequire(new URL('../../packages/web/package.json', import.meta.url))('ws');
  const socket = new WebSocket(address, { perMessageDeflate: false });
  const waiting = new Map();
  socket.on('message', (data) => {
    const { id, result } = JSON.parse(data.toString());
    waiting.get(id)?.(result);
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () =>
      resolve({
        call: (method, params = {}) =>
          new Promise((answer) => {
            const id = waiting.size + 1;
            waiting.set(id, answer);
            socket.send(JSON.stringify({ id, method, params }));
          }),
        close: () => socket.close(),
      }),
    );
  });
}

/** Between two collections: memory is given back to the system by another thread. */
const pauseMs = 500;
const mostCollections = 6;

/**
 * Collects all garbage of a node until that makes it no smaller, since each collection moves only some of what is left
 * together; answers what it has in memory after that, the heap and its buffers too.
 */
export async function collect(node, port) {
  node.signal('SIGUSR1');
  const inspector = await open(await addressOf(port));
  let anonymous = Infinity;
  for (let count = 0; count < mostCollections; count += 1) {
    await inspector.call('HeapProfiler.collectGarbage');
    await sleep(pauseMs);
    const before = anonymous;
    anonymous = memoryOf(node.process)?.anonymous ?? 0;
    if (anonymous > before * 0.99) break;
  }
  const { result } = await inspector.call('Runtime.evaluate', {
    expression: 'process.memoryUsage()',
    returnByValue: true,
  });
  inspector.close();
  const { heapUsed, arrayBuffers, external } = result.value;
  return { ...memoryOf(node.process), heapUsed, arrayBuffers, external };
}

/** Waits until a process' anonymous memory no longer changes by more than a hundredth; answers its memory. */
export async function settled(node, { quietMs = 8000, limitMs = 60_000 } = {}) {
  const deadline = performance.now() + limitMs;
  let reference = memoryOf(node.process);
  let sinceMs = performance.now();
  for (;;) {
    await sleep(500);
    const now = memoryOf(node.process);
    if (Math.abs(now.anonymous - reference.anonymous) > reference.anonymous / 100) {
      reference = now;
      sinceMs = performance.now();
    }
    if (performance.now() - sinceMs >= quietMs || performance.now() > deadline) return now;
  }
}
