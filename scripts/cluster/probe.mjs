// Questions to a port, without curl or lsof.
import http from 'node:http';
import net from 'node:net';

/** GET from a node: status and text, or undefined when nothing answers within a second. */
export function get({ host, port }, path) {
  return new Promise((resolve) => {
    // An agent of its own keeps proxies that the environment names out of it.
    const request = http.get({ host: host.replace(/^\[|\]$/g, ''), port, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, text }));
      response.on('error', () => resolve(undefined));
    });
    request.on('error', () => resolve(undefined));
    const timer = setTimeout(() => request.destroy(), 1000);
    request.on('close', () => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
}

function somebodyAnswers(address) {
  return new Promise((resolve) => {
    const socket = net.connect(address);
    const end = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1000, () => end(false));
    socket.on('connect', () => end(true));
    socket.on('error', () => end(false));
  });
}

function bindError(address) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.on('error', (error) => resolve(error.code));
    server.listen({ ...address, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** Why a node cannot listen here, in words, or undefined when it can. */
export async function whyNotFree({ host, port }) {
  if (!(port >= 1 && port <= 65535)) return 'is no port number';
  const address = { host: host.replace(/^\[|\]$/g, ''), port };
  // Binding alone does not see a listener on all addresses on every system, so ask first.
  const code = (await somebodyAnswers(address)) ? 'EADDRINUSE' : await bindError(address);
  if (code === 'EADDRINUSE') return 'is taken by another program';
  if (code === 'EACCES') return 'may not be used by this user';
  return code && `cannot be used (${code})`;
}
