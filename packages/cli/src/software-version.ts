import { readFileSync } from 'node:fs';

/** Version of this package, from its package.json: beside `src` as beside `dist`. */
export function softwareVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
