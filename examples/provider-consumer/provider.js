// A service that is in the registry for as long as it can be called.
//
//   REGISTRY=http://127.0.0.1:8080 PORT=9001 node provider.js
import { createClient } from '@artemis/client';
import { registerServer } from '@artemis/client/http';
import express from 'express';

const urls = (process.env.REGISTRY ?? 'http://127.0.0.1:8080').split(',');
const client = createClient({ urls, region: 'local', zone: 'zone1', logger: console });

let isResting = false;
const app = express();
app.get('/hello/:name', (request, response) => {
  response.json({ greeting: `Hello ${request.params.name}`, from: instance.instance_id });
});
// For the demonstration: a service that is alive but does not want to be called.
app.post('/rest', (_request, response) => {
  isResting = !isResting;
  response.json({ isResting });
});

const server = app.listen(Number(process.env.PORT ?? 0));
const registration = registerServer(server, {
  client,
  instance: { service_id: 'greetings', metadata: { weight: process.env.WEIGHT ?? '1' } },
  isReady: () => !isResting,
});

const { instance } = await registration.registered();
console.log(`${instance.service_id} ${instance.instance_id} is registered: ${instance.url}/hello/you`);
