// Bundles the page with the SDK into `dist`: node build.js
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const here = import.meta.dirname;
const dist = path.join(here, 'dist');

mkdirSync(dist, { recursive: true });
for (const file of ['index.html', 'style.css'])
  copyFileSync(path.join(here, 'page', file), path.join(dist, file));
await build({
  entryPoints: [path.join(here, 'page', 'watch.js')],
  outfile: path.join(dist, 'watch.js'),
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  sourcemap: true,
  logLevel: 'warning',
});
