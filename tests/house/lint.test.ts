import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import config from '../../eslint.config.js';

// A lint rule is worth what it finds, so each is given a planted violation. The rules that need types are
// off here, because the planted files do not exist for the compiler.
const eslint = new ESLint({
  cwd: resolve(import.meta.dirname, '../..'),
  overrideConfigFile: true,
  overrideConfig: [
    ...config,
    tseslint.configs.disableTypeChecked,
    { languageOptions: { parserOptions: { project: null } } },
  ],
});

/** The rules that `code` breaks when it stands in `file`. */
async function broken(file: string, code: string): Promise<(string | null)[]> {
  const results = await eslint.lintText(`${code}\n`, { filePath: file });
  return results.flatMap((result) => result.messages.map((message) => message.ruleId));
}

const direction = 'house/import-directions';

describe('import directions', () => {
  it.each([
    ['packages/core/src/a.ts', 'axios'],
    ['packages/core/src/a.ts', 'node:fs'],
    ['packages/core/src/models/a.ts', '@iarna/toml'],
    ['packages/core/src/a.ts', '@artemis/server'],
    ['packages/core/src/index.ts', './testing/index.js'],
    ['packages/core/src/index.ts', './config/index.js'],
    ['packages/core/src/config/a.ts', '../testing/index.js'],
    ['packages/core/src/testing/a.ts', '@jest/globals'],
    ['packages/core/src/a.ts', '../../server/src/index.js'],
    ['packages/server/src/a.ts', '@artemis/web'],
    ['packages/server/src/a.ts', '@artemis/cli'],
    ['packages/server/src/a.ts', '@artemis/core/testing'],
    ['packages/server/src/a.ts', '@artemis/core/dist/errors.js'],
    ['packages/server/src/a.ts', 'express'],
    ['packages/server/src/cluster/a.ts', '../../../web/src/app.js'],
    ['packages/web/src/a.ts', '@artemis/server'],
    ['packages/web/src/a.ts', '@artemis/cli'],
    ['packages/web/src/a.ts', '@artemis/core/testing'],
    ['packages/web/src/a.ts', 'axios'],
    ['packages/web/src/a.test.ts', '@artemis/server'],
    ['packages/client/src/a.ts', 'node:fs'],
    ['packages/client/src/a.ts', './node/index.js'],
    ['packages/client/src/view/a.ts', '../http-server/index.js'],
    ['packages/client/src/http-server/a.ts', 'express'],
    ['packages/client/src/http-server/a.ts', '../node/index.js'],
    ['packages/cli/src/a.ts', '@artemis/core/testing'],
    ['packages/cli/src/a.ts', 'express'],
    ['packages/sim/src/a.ts', '@artemis/web'],
    ['packages/sim/src/a.ts', '../../web/src/push/hub.js'],
    ['packages/sim/test/a.test.ts', '../../cli/src/a.js'],
    ['packages/sim/src/a.ts', '@artemis/cli'],
    ['packages/e2e/src/a.test.ts', '@artemis/server'],
    ['packages/server/src/a.ts', '@artemis/e2e'],
    ['packages/server/src/a.ts', '../../../tests/house/a.js'],
  ])('%s may not import %s', async (file, specifier) => {
    expect(await broken(file, `import '${specifier}';`)).toContain(direction);
  });

  it('what a browser has not is imported by the client when it is needed, and not before', async () => {
    const file = 'packages/client/src/a.ts';
    for (const code of [
      "import 'ws';",
      "import { WebSocket } from 'ws';",
      "export { WebSocket } from 'ws';",
    ]) {
      expect(await broken(file, code)).toContain(direction);
      expect(await broken('packages/client/src/system.ts', code)).toContain(direction);
    }
    expect(await broken(file, "export const a = () => import('ws');")).toEqual([]);
    expect(await broken(file, "import type { WebSocket } from 'ws'; export type A = WebSocket;")).toEqual([]);
    expect(await broken(file, "export const a = () => import('node:fs');")).toContain(direction);
  });

  it.each([
    ["import type { A } from 'express';"],
    ["export { a } from 'express';"],
    ["export * from 'express';"],
    ["export const a = () => import('express');"],
    ["export type A = import('express').A;"],
  ])('sees every form of import: %s', async (code) => {
    expect(await broken('packages/server/src/a.ts', code)).toContain(direction);
  });

  it.each([
    ['packages/core/src/models/a.ts', 'zod'],
    ['packages/core/src/config/a.ts', '@iarna/toml'],
    ['packages/core/src/config/a.ts', '../errors.js'],
    ['packages/core/src/testing/a.ts', '../traits/runtime.js'],
    ['packages/core/src/models/a.test.ts', '../testing/index.js'],
    ['packages/server/src/a.ts', '@artemis/core'],
    ['packages/server/src/registry/a.ts', '../lease/manager.js'],
    ['packages/server/src/a.test.ts', '@artemis/core/testing'],
    ['packages/server/src/a.test.ts', 'node:http'],
    ['packages/web/src/a.ts', 'express'],
    ['packages/client/src/node/a.ts', 'node:fs'],
    ['packages/client/src/http-server/a.ts', '../artemis-client.js'],
    ['packages/cli/src/a.ts', '@artemis/web'],
    ['packages/sim/src/a.ts', '@artemis/core/testing'],
    ['packages/sim/test/a.test.ts', '../src/simulator.js'],
    ['packages/sim/test/a.test.ts', '../../web/src/push/hub.js'],
  ])('%s may import %s', async (file, specifier) => {
    expect(await broken(file, `import '${specifier}';`)).toEqual([]);
  });
});

describe('determinism bans', () => {
  const planted = [
    'export const a = Date.now();',
    'export const a = new Date();',
    'export const a = Date();',
    'setTimeout(() => {}, 1);',
    'setInterval(() => {}, 1);',
    'setImmediate(() => {});',
    'export const a = performance.now();',
    'export const a = process.env;',
    'export const a = process.hrtime();',
    'export const a = AbortSignal.timeout(1);',
    "import 'node:timers';",
    "import 'node:timers/promises';",
    "import 'node:perf_hooks';",
    "import 'node:process';",
    'export const a = Math.random();',
    "import { randomBytes } from 'node:crypto';",
    "import { randomUUID } from 'node:crypto';",
    "import * as c from 'node:crypto'; export const a = c.randomInt(2);",
    'export const a = crypto.randomUUID();',
    'export const a = fetch("http://127.0.0.1");',
    'console.log(1);',
    'globalThis.setTimeout(() => {}, 1);',
  ];
  const bans = /^no-restricted-(globals|properties|syntax|imports)$/;

  it.each(['core', 'server', 'web', 'client'].flatMap((name) => planted.map((code) => [name, code])))(
    'in %s: %s',
    async (name, code) => {
      const rules = await broken(`packages/${name}/src/a.ts`, code);
      expect(rules.filter((rule) => rule !== null && bans.test(rule))).not.toEqual([]);
    },
  );

  it('let a given time be formatted and the real runtime do its work', async () => {
    expect(await broken('packages/server/src/a.ts', 'export const a = new Date(0).toISOString();')).toEqual(
      [],
    );
    expect(await broken('packages/server/src/runtime.ts', 'export const a = Date.now();')).toEqual([]);
  });

  it.each(['setTimeout(() => {}, 1);', 'setInterval(() => {}, 1);', "import 'node:timers/promises';"])(
    'no test sleeps: %s',
    async (code) => {
      for (const file of [
        'packages/core/src/a.test.ts',
        'packages/cli/src/a.test.ts',
        'packages/sim/test/a.test.ts',
      ]) {
        expect(await broken(file, code)).not.toEqual([]);
      }
    },
  );
});

describe('house style', () => {
  const long = (lines: number) => `export function a() {\n${'  void 0;\n'.repeat(lines)}}`;

  it.each([
    ['export default 1;', 'no-restricted-syntax'],
    ['const a = 1; export { a as default };', 'no-restricted-syntax'],
    ['export enum A { B }', 'no-restricted-syntax'],
    ['export let a = 1;', 'no-restricted-syntax'],
    ['let a = 1; export const b = () => a++;', 'no-restricted-syntax'],
    ['export const a: any = 1;', '@typescript-eslint/no-explicit-any'],
    [long(69), 'max-lines-per-function'],
    ['\n'.repeat(300), 'max-lines'],
  ])('case %#: %j breaks %s', async (code, rule) => {
    expect(await broken('packages/cli/src/a.ts', code)).toContain(rule);
  });

  it('lets a function have 70 lines, and a test more', async () => {
    expect(await broken('packages/cli/src/a.ts', long(68))).toEqual([]);
    expect(await broken('packages/cli/src/a.test.ts', long(100))).toEqual([]);
  });
});
