// What HTTP is compared with: the least that a server on `node:http` can do for the same bytes. One process, three jobs:
//   POST /key     one key per body: parse, look it up among those of /keys, and answer as the node does
//   POST /parse   any body: parse it, and answer as the node does
//   GET  /static  the bytes of /static with the headers of the node, in plain or with gzip, prepared before
// `PUT /keys` and `PUT /static` say what is held, `GET /metrics` what of the processor is used, as a node says it.
import { createServer } from 'node:http';

const json = { 'Content-Type': 'application/json; charset=utf-8' };
const held = new Map();
const prepared = new Map();

const keyOf = (key) => `${key.region_id}/${key.zone_id}/${key.service_id}/${key.instance_id}`;

function answer(response, code = 'success') {
  const text = JSON.stringify({ response_status: { error_code: code } });
  response.writeHead(200, { ...json, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

/** By method and path; each is given the text of the body. */
const jobs = {
  'POST /key': (text, response) => {
    const [key] = JSON.parse(text).instance_keys;
    const lease = held.get(keyOf(key));
    if (lease === undefined) return answer(response, 'bad-request');
    lease.renewals += 1;
    return answer(response);
  },
  'POST /parse': (text, response) => {
    JSON.parse(text);
    answer(response);
  },
  'PUT /keys': (text, response) => {
    for (const key of JSON.parse(text)) held.set(keyOf(key), { renewals: 0 });
    answer(response);
  },
  'PUT /static': (text, response) => {
    const { name, headers, base64 } = JSON.parse(text);
    prepared.set(name, { headers, bytes: Buffer.from(base64, 'base64') });
    answer(response);
  },
  'GET /metrics': (_, response) => {
    const { user, system } = process.cpuUsage();
    response.end(`process_cpu_seconds_total ${(user + system) / 1e6}\n`);
  },
};

const server = createServer((request, response) => {
  const { method, url } = request;
  if (method === 'GET' && url.startsWith('/static')) {
    const { headers, bytes } = prepared.get(url.slice('/static/'.length));
    response.writeHead(200, headers);
    response.end(bytes);
    return;
  }
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => jobs[`${method} ${url}`](Buffer.concat(chunks).toString(), response));
});
server.keepAliveTimeout = 60_000;
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => console.log(server.address().port));
