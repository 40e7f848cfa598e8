// What push is compared with: the least that a server can do. One process takes a JSON body over HTTP and writes it to
// whoever watches that service, over the `ws` that Artemis uses too, with each text encoded once. Given the port of
// another such process, it hands the text on to that one over a WebSocket instead.
//   node push.mjs [PORT OF THE NEXT]
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const { WebSocket, WebSocketServer } = createRequire(
  new URL('../../../packages/web/package.json', import.meta.url),
)('ws');
const host = '127.0.0.1';
const [next] = process.argv.slice(2);

const logId = 'node1#00000000-0000-0000-0000-000000000000';
const reason = 'registered';
let revision = 0;

/** Sockets by what they watch. */
const watchers = new Map();

function broadcast(text) {
  const [instance] = JSON.parse(text).instances;
  const service = instance.service_id;
  revision += 1;
  // As long as what Artemis sends.
  const change = { instance, change_type: 'change', change_time: new Date().toISOString(), revision, reason };
  const message = { type: 'service_change', service_id: service, revision, log_id: logId, changes: [change] };
  const bytes = Buffer.from(JSON.stringify(message));
  for (const socket of watchers.get(service) ?? []) socket.send(bytes, { binary: false });
}

const hop =
  next === undefined ? undefined : new WebSocket(`ws://${host}:${next}/hop`, { perMessageDeflate: false });
if (hop !== undefined) {
  await once(hop, 'open');
  hop._socket.setNoDelay(true);
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString();
    if (hop === undefined) broadcast(text);
    else hop.send(text);
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end('{"response_status":{"error_code":"success"}}');
  });
});
server.keepAliveTimeout = 60_000;

const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (socket, { url }) => {
  if (url === '/hop') {
    socket.on('message', (data) => broadcast(data.toString()));
    return;
  }
  socket.on('message', (data) => {
    const { service_id: service } = JSON.parse(data.toString());
    const known = watchers.get(service) ?? new Set();
    watchers.set(service, known.add(socket));
    socket.on('close', () => known.delete(socket));
    socket.send('{"type":"subscribed"}');
  });
});
server.listen({ port: 0, host, backlog: 1024 }, () => console.log(server.address().port));
