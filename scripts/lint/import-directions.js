// Who may import whom: the arrows drawn in docs/STYLE.md as an ESLint rule. It looks at where an import leads,
// so a relative path into another package is seen as well as the package's name.
import { dirname, relative, resolve, sep } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/**
 * A zone is a package, or a part of one that has a door of its own. `packages` are the names it may import
 * (`node:*` stands for every module of Node), `lazily` those it may import only at the moment when it needs them, and
 * their types; `zones` are the other zones it may reach by a relative path.
 */
const zones = {
  core: { packages: ['zod'] },
  'core/config': { packages: ['zod', '@iarna/toml'], zones: ['core'] },
  'core/testing': { packages: ['zod'], zones: ['core', 'core/config'] },
  server: {
    packages: [
      '@artemis/core',
      '@artemis/core/config',
      'axios',
      'axios/lib/adapters/http.js',
      'agentkeepalive',
      'lmdb',
      'prom-client',
      'node:*',
    ],
  },
  web: { packages: ['@artemis/core', '@artemis/core/config', 'express', 'compression', 'ws', 'node:*'] },
  // A browser has a WebSocket, and no ws: a bundle that imports it at its top does not load there.
  client: { packages: ['@artemis/core'], lazily: ['ws'] },
  'client/node': { packages: ['@artemis/core', 'node:*'], zones: ['client'] },
  'client/http-server': { packages: ['@artemis/core', 'node:*'], zones: ['client'] },
  cli: {
    packages: [
      '@artemis/core',
      '@artemis/core/config',
      '@artemis/server',
      '@artemis/web',
      '@artemis/client',
      'axios',
      'cli-table3',
      'winston',
      'yargs',
      'yargs/helpers',
      'zod',
      'node:*',
    ],
  },
  sim: {
    packages: [
      '@artemis/core',
      '@artemis/core/config',
      '@artemis/core/testing',
      '@artemis/server',
      '@artemis/client',
      'node:*',
    ],
  },
  e2e: {
    packages: [
      '@artemis/core',
      '@artemis/core/config',
      '@artemis/core/testing',
      '@artemis/client',
      '@artemis/client/node',
      'playwright-core',
      'ws',
      'node:*',
    ],
  },
};

/** What a test may import besides. */
const forTests = {
  packages: [
    '@artemis/core/testing',
    '@artemis/core/config',
    '@jest/globals',
    '@seriousme/openapi-schema-validator',
    'fast-check',
    'node:*',
  ],
  zones: ['core', 'core/config', 'core/testing'],
};

/** What a test of the simulation may reach besides: behind the simulated network stand the routes and the push of nodes. */
const forSimTests = { packages: [], zones: ['web'] };

/** The zone of a file, or undefined outside the packages. */
function zoneOf(file) {
  const [top, name, folder, part] = relative(root, file).split(sep);
  if (top !== 'packages') return undefined;
  const inner = `${name}/${part}`;
  return folder === 'src' && inner in zones ? inner : name;
}

const isTest = (file) =>
  /\.(test|fixture)\.ts$/.test(file) || /[\\/]packages[\\/](sim[\\/]test|e2e)[\\/]/.test(file);

const isSimTest = (file) => /[\\/]packages[\\/]sim[\\/]test[\\/]/.test(file);

const matches = (name, allowed) => (allowed === 'node:*' ? name.startsWith('node:') : name === allowed);

/** Why `file` may not import `specifier`, or undefined if it may. `late`: not when it is loaded. */
function refusal(file, specifier, late) {
  const zone = zoneOf(file);
  if (zone === undefined) return undefined;
  const own = zones[zone] ?? { packages: [] };
  const rules = [own, ...(isTest(file) ? [forTests] : [])];
  if (specifier.startsWith('.')) {
    const target = zoneOf(resolve(dirname(file), specifier));
    const reachable = zone.startsWith('core') ? rules : isSimTest(file) ? [own, forSimTests] : [own];
    if (target === zone || reachable.some((rule) => rule.zones?.includes(target))) return undefined;
    return `${zone} may not reach ${target ?? 'outside of the packages'} by a relative path`;
  }
  const allows = (packages = []) => packages.some((allowed) => matches(specifier, allowed));
  // Nobody bundles a test.
  const isLate = late || isTest(file);
  if (rules.some((rule) => allows(rule.packages) || (isLate && allows(rule.lazily)))) return undefined;
  const isEarly = rules.some((rule) => allows(rule.lazily));
  return `${zone} may not import ${specifier}${isEarly ? ' at its top, only by import() when it needs it' : ''}`;
}

export const importDirections = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { refused: '{{why}}. The allowed arrows stand in scripts/lint/import-directions.js.' },
  },
  create(context) {
    const check = (node, late = false) => {
      if (typeof node?.value !== 'string') return;
      const why = refusal(context.filename, node.value, late);
      if (why !== undefined) context.report({ node, messageId: 'refused', data: { why } });
    };
    return {
      ImportDeclaration: (node) => check(node.source, node.importKind === 'type'),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source, true),
      TSImportType: (node) => check(node.source, true),
      TSExternalModuleReference: (node) => check(node.expression),
    };
  },
};
