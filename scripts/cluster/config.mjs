// The configuration file of one node: generated, and left alone once somebody edited it.
import { createHash } from 'node:crypto';
import { filesOf, readShape, readText } from './state.mjs';

const HOST = '127.0.0.1';

// The first line holds the hash of the generated rest. It differs from the hash of the actual rest once the file
// was edited, and from the hash of what would be generated now once N or the base port is another.
const headerOf = (body) =>
  `# Written by cluster.sh, which never overwrites an edited file. Generated as sha256:${hashOf(body)}`;

function hashOf(text) {
  return createHash('sha256').update(text).digest('hex');
}

function bodyOf(number, { nodes, basePort }, data) {
  const peers = [];
  for (let other = 1; other <= nodes; other += 1) {
    if (other !== number) peers.push(`"http://${HOST}:${basePort + other - 1}"`);
  }
  return `
[server]
node_id = "node${number}"
listen_addr = "${HOST}:${basePort + number - 1}"
region = "local"
zone = "zone1"

[cluster]
enabled = true
peers = [${peers.join(', ')}]

[storage]
data_dir = ${JSON.stringify(data)}
`;
}

/** What to do with a file: `keep` it, `write` it, or nothing can be done because it was `edited`. */
function actionFor(existing, body) {
  if (existing === undefined) return 'write';
  const end = existing.indexOf('\n');
  const recorded = /sha256:([0-9a-f]{64})/.exec(existing.slice(0, end))?.[1];
  if (recorded === hashOf(body)) return 'keep';
  return recorded === hashOf(existing.slice(end + 1)) ? 'write' : 'edited';
}

/** The address a configuration makes its node listen on, as host and port to connect to. */
function addressIn(text) {
  const [, listen] = /^\s*listen_addr\s*=\s*["']([^"']+)["']/m.exec(text) ?? [];
  const [, host, port] = /^(.*):(\d+)$/.exec(listen ?? '0.0.0.0:8080') ?? [];
  return { host: !host || host === '0.0.0.0' || host === '[::]' ? HOST : host, port: Number(port) };
}

/** Where a running node listens: as its file says, or as the last start gave it when the file was moved away. */
export function addressOf(dir, name) {
  const text = readText(filesOf(dir, name).config);
  if (text !== undefined) return addressIn(text);
  return { host: HOST, port: (readShape(dir)?.basePort ?? 0) + Number(name.slice('node'.length)) - 1 };
}

/** `host:port` of an address. */
export function hostPort({ host, port }) {
  return `${host}:${port}`;
}

/** Every node of a cluster of this shape, with its files, its address and what is to happen to its configuration. */
export function planNodes(dir, shape) {
  return Array.from({ length: shape.nodes }, (_, index) => {
    const name = `node${index + 1}`;
    const files = filesOf(dir, name);
    const body = bodyOf(index + 1, shape, files.data);
    const text = `${headerOf(body)}\n${body}`;
    const existing = readText(files.config);
    const action = actionFor(existing, body);
    const address = addressIn(action === 'write' ? text : existing);
    return { name, files, text, header: headerOf(body), action, address };
  });
}
