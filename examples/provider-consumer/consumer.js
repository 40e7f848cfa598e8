// Calls the service again and again, whoever offers it, and goes on when instances come, go and fail.
//
//   REGISTRY=http://127.0.0.1:8080 node consumer.js
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@artemis/client';

const urls = (process.env.REGISTRY ?? 'http://127.0.0.1:8080').split(',');
const pauseMs = Number(process.env.PAUSE_MS ?? 500);
const client = createClient({ urls, region: 'local', zone: 'zone1', logger: console });
const greetings = client.service('greetings');

greetings.on('change', ({ changes }) => {
  for (const { change_type: type, instance } of changes)
    console.log(`* ${type} ${instance.instance_id} (${instance.status})`);
});

let isOver = false;
process.once('SIGINT', () => (isOver = true));
process.once('SIGTERM', () => (isOver = true));

await greetings.ready();
while (!isOver) {
  console.log(await greet('you'));
  await sleep(pauseMs);
}
await client.close();

/** Up to three instances are tried; whoever fails is left out for a while. */
async function greet(name) {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const instance = greetings.pick({ strategy: 'least-used' });
    if (instance === undefined) return 'nobody there';
    const use = greetings.use(instance);
    try {
      const response = await fetch(`${instance.url}/hello/${name}`, { signal: AbortSignal.timeout(2000) });
      if (response.status >= 500) throw new Error(`HTTP ${response.status}`);
      const { greeting, from } = await response.json();
      greetings.report(instance, 'success');
      return `${greeting}, says ${from}`;
    } catch (error) {
      greetings.report(instance, 'failure');
      console.log(`! ${instance.instance_id} failed: ${error.message}`);
    } finally {
      use[Symbol.dispose]();
    }
  }
  return 'nobody answers';
}
