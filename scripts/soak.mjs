// Tests that take longer than all checks together may, with the sizes that are promised:
//   npm run soak:watchers [WATCHERS=5000] [STALLED=50] [TURNS=100]    one node, watchers, and some that take nothing
//   npm run soak:connects [CONNECTS=10000]                            connections that come and go
//   npm run soak:away [SECONDS=60]                                    a node that is away while others change
import './node-version.mjs';
import { spawnSync } from 'child_process';
import { join } from 'path';
import { root } from './pnpm.mjs';
import { build, install } from './prepare.mjs';

const soaks = {
  watchers: { file: 'watch-many', sizes: { SOAK_WATCHERS: 5000, SOAK_STALLED: 50, SOAK_TURNS: 100 } },
  connects: { file: 'watch-connects', sizes: { SOAK_CONNECTS: 10_000 } },
  away: { file: 'away', sizes: { SOAK_AWAY_SECS: 60 } },
};

function main() {
  const [name, ...given] = process.argv.slice(2);
  const soak = soaks[name];
  const names = soak === undefined ? [] : Object.keys(soak.sizes);
  if (
    soak === undefined ||
    given.length > names.length ||
    given.some((text) => !/^[1-9]\d{0,6}$/.test(text))
  ) {
    console.error(
      'usage: npm run soak:watchers [WATCHERS] [STALLED] [TURNS]\n       npm run soak:connects [CONNECTS]\n       npm run soak:away [SECONDS]',
    );
    process.exitCode = 2;
    return;
  }
  install();
  build();
  const env = { ...process.env };
  for (const [index, key] of names.entries()) env[key] = given[index] ?? String(soak.sizes[key]);
  const jest = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
    '--selectProjects=e2e',
    '--testPathPatterns=e2e/src/' + soak.file + '.test',
  ];
  process.exitCode = spawnSync(process.execPath, jest, { cwd: root, stdio: 'inherit', env }).status ?? 1;
}

try {
  main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
