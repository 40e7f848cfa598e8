// An Express service that brings its own registry: one process, one port, nothing else to run.
//
//   PORT=8080 node service.js
import { createServer } from 'node:http';
import { createNode } from '@artemis/server';
import { attachPush, createApp } from '@artemis/web';
import express from 'express';

const node = createNode({
  server: { nodeId: 'gateway', drainTimeoutMs: 2000 },
  lease: { ttlMs: 10_000 },
  storage: { engine: 'memory' }, // or { dataDir: 'DIRECTORY' }, to find the table there after a restart
});
await node.start();
await node.ready();
// What changes is told to this program without a request, too.
node.changes.subscribe(({ reason, record }) => {
  console.log(`${record.instanceKey.service_id}/${record.instanceKey.instance_id} ${reason}`);
});

const app = express();
app.use(express.json());
// The service's own routes may use the registry directly.
app.get('/', (_request, response) => {
  const { services } = node.state.discovery.services({});
  response.json({ services: services.map(({ service_id: id }) => id) });
});
app.get('/go/:service', (request, response) => {
  const { instances = [] } =
    node.state.discovery.service({ service_id: request.params.service }).response.service ?? {};
  const target = instances[Math.floor(Math.random() * instances.length)];
  if (target === undefined) response.status(503).json({ error: 'nobody serves that now' });
  else response.redirect(307, target.url);
});
// Others register and discover beside them. What is no path of the registry goes on to the next line.
app.use(createApp(node.state));
app.use((request, response) => {
  response.status(404).json({ error: `${request.path} is not known here` });
});

const server = createServer(app);
attachPush(server, node.state);
server.listen(Number(process.env.PORT ?? 8080), () => {
  console.log(`gateway and registry at http://127.0.0.1:${server.address().port}`);
});

// When to stop is up to this program: the node has no say in it, and takes no signal.
process.once('SIGTERM', async () => {
  server.close();
  await node.drain();
  server.closeIdleConnections();
  await node.stop();
  console.log('stopped');
});
