// Serves `dist` on this machine: PORT=4000 node serve.js
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';

const types = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.map': 'application/json',
};
const files = {
  '/': 'index.html',
  '/style.css': 'style.css',
  '/watch.js': 'watch.js',
  '/watch.js.map': 'watch.js.map',
};

const server = createServer(async ({ url }, response) => {
  const file = files[new URL(url, 'http://localhost').pathname];
  try {
    const content = await readFile(path.join(import.meta.dirname, 'dist', file));
    response.writeHead(200, { 'Content-Type': `${types[path.extname(file)]}; charset=utf-8` }).end(content);
  } catch {
    response.writeHead(404).end('not here');
  }
});
server.listen(Number(process.env.PORT ?? 4000), '127.0.0.1', () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  console.log(`The page is at ${origin}`);
  console.log(`Nodes must allow it: ARTEMIS_SERVER_ALLOWED_ORIGINS=${origin}`);
});
