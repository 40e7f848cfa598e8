// Row 11: what collecting renewals saves: how many requests a peer gets for a hundred single heartbeats of as many
// instances that come within one window. Counted at the peer, not at the sender.
import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from '../figures.mjs';
import { Load } from '../load/load.mjs';
import { singleHeartbeats, successBytes } from '../load/requests.mjs';
import { ask, load, untilEqual } from '../node-client.mjs';
import { median } from '../statistics.mjs';

const connections = 64;
/** Longer than the window in which renewals are collected, so that one burst has left before the next one comes. */
const pauseMs = 500;

/** The sum of a counter over the lines that match. */
async function counter(port, pattern) {
  const text = await ask(port, 'GET', '/metrics');
  return text
    .split('\n')
    .filter((line) => pattern.test(line))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

const requests = /^artemis_http_requests_total\{.*route="\/api\/replication\/registry\/heartbeat/;
const items = /^artemis_replication_received_items_total\{kind="heartbeat"\}/;

export const saving = {
  row: 11,
  name: 'saving',
  title: 'requests to a peer for heartbeats that come within one window',
  sizes: {
    long: { heartbeats: 100, rounds: 20 },
    short: { heartbeats: 100, rounds: 3 },
  },
  async run({ stage, sizes }) {
    const { heartbeats, rounds } = sizes;
    const nodes = await stage.cluster(2);
    const [{ port }, { port: peer }] = nodes;
    await load(port, 0, heartbeats);
    await untilEqual(nodes, heartbeats);
    const requestsOfRound = singleHeartbeats(heartbeats);
    const clients = await Load.open(port, connections, { bodyBytes: successBytes });
    const perRound = [];
    let arrived = 0;
    for (let round = 0; round < rounds; round += 1) {
      await sleep(pauseMs);
      const [before, itemsBefore] = [await counter(peer, requests), await counter(peer, items)];
      await clients.all(requestsOfRound);
      await sleep(pauseMs);
      perRound.push((await counter(peer, requests)) - before);
      arrived += (await counter(peer, items)) - itemsBefore;
    }
    clients.close();
    if (arrived !== rounds * heartbeats)
      throw new Error(`${arrived} of ${rounds * heartbeats} renewals have arrived at the peer`);
    return [
      figure(`requests for ${heartbeats} heartbeats, median`, median(perRound), '', { must: 1, aim: 1 }),
      figure(`requests for ${heartbeats} heartbeats, most`, Math.max(...perRound), ''),
      figure('renewals per request', arrived / perRound.reduce((sum, one) => sum + one, 0), ''),
    ];
  },
};
