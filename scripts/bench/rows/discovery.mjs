// Row 3: the instances of one service, of 20 and of 500, as they are and with gzip; beside a bare server that sends the
// same bytes, prepared, with the same headers.
import { alternating, Contender, processorRatio, rateRatio } from '../contender.mjs';
import { figure } from '../figures.mjs';
import { Load } from '../load/load.mjs';
import { encodeRequest } from '../load/raw-connection.mjs';
import { exchange, load, paths } from '../node-client.mjs';

const services = [20, 500];
const encodings = [
  { name: 'plain', headers: {} },
  { name: 'gzip', headers: { 'Accept-Encoding': 'gzip' } },
];
/** Node.js adds these itself, and the length is that of the prepared bytes. */
const ownHeaders = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding', 'content-length']);

/** Gives the bare server what the node answers. */
async function prepare(bare, name, { rawHeaders, body }) {
  const headers = { 'Content-Length': String(body.length) };
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (!ownHeaders.has(rawHeaders[at].toLowerCase())) headers[rawHeaders[at]] = rawHeaders[at + 1];
  const text = JSON.stringify({ name, headers, base64: body.toString('base64') });
  await exchange(bare.port, 'PUT', '/static', { text });
}

async function compare({ node, bare, size, encoding, sizes }) {
  const path = paths.service(`of-${size}-0`);
  const { headers } = encoding;
  const answer = await exchange(node.port, 'GET', path, { headers });
  const isGzip = answer.rawHeaders.includes('gzip');
  if (isGzip !== (encoding.name === 'gzip')) throw new Error(`${path}: not ${encoding.name}`);
  const name = `${size}-${encoding.name}`;
  await prepare(bare, name, answer);
  const toNode = encodeRequest('GET', path, { headers });
  const toBare = encodeRequest('GET', `/static/${name}`, { headers });
  const contenders = [
    new Contender('Artemis', node.port, () => toNode),
    new Contender('a bare server', bare.port, () => toBare),
  ];
  for (const one of contenders)
    one.load = await Load.open(one.port, sizes.connections, { bodyBytes: answer.body.length });
  for (const one of contenders) await one.closed(sizes.warm_ms, { counts: false });
  await alternating(sizes.rounds, contenders, (one) => one.closed(sizes.round_ms));
  for (const one of contenders) one.load.close();
  const what = `${size} instances, ${encoding.name}`;
  return [
    figure(`${what}: bytes of the body`, answer.body.length, 'B'),
    ...contenders.flatMap((one) => [
      figure(`${what}: ${one.name}`, one.maximum, '/s'),
      figure(`${what}: ${one.name}, share of a core`, one.share, '%'),
    ]),
    figure(`${what}: ratio`, rateRatio(contenders), 'x', { must: 0.85, aim: 0.95, atLeast: true }),
    figure(`${what}: ratio per second of processor`, processorRatio(contenders), 'x'),
  ];
}

export const discovery = {
  row: 3,
  name: 'discovery',
  title: `discovery of a service of ${services.join(' and of ')} instances`,
  sizes: {
    long: { connections: 64, warm_ms: 2000, rounds: 15, round_ms: 700 },
    short: { connections: 64, warm_ms: 300, rounds: 3, round_ms: 300 },
  },
  async run({ stage, sizes }) {
    const node = await stage.single({ place: 'server' });
    const bare = await stage.script('bare/http.mjs');
    const figures = [];
    for (const size of services) {
      await load(node.port, 0, size, { services: 1, prefix: `of-${size}` });
      for (const encoding of encodings)
        figures.push(...(await compare({ node, bare, size, encoding, sizes })));
    }
    return figures;
  },
};
