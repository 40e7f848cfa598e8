import { createRequire } from 'node:module';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { checkout } from './harness/child.js';

interface Bundled {
  readonly outputFiles: readonly { readonly text: string }[];
}
type Build = (options: Readonly<Record<string, unknown>>) => Promise<Bundled>;

const example = path.join(checkout, 'examples/browser-watch');
/** The bundler of the example. */
const { build } = createRequire(path.join(example, 'package.json'))('esbuild') as { build: Build };

/** What a page holds that uses so much of the SDK. */
async function bundleOf(...names: readonly string[]): Promise<string> {
  const contents = `import { ${names.join(', ')} } from '@artemis/client';\nconsole.log(${names.join(', ')});\n`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: example },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    logLevel: 'warning',
  });
  return outputFiles[0]?.text ?? '';
}

/** Texts that stand for a part of the program, and survive being made small. */
const marks = {
  'the schema library': '_zod',
  'picking instances': 'consistent-hash',
  registering: 'registrations_lost',
  'the client of HTTP': 'retry-after',
};
const partsIn = (bundle: string): string[] =>
  Object.entries(marks).flatMap(([part, mark]) => (bundle.includes(mark) ? [part] : []));

it('a bundle holds of the SDK what it uses', async () => {
  const whole = await bundleOf('createClient');
  // So the marks do mark something.
  expect(partsIn(whole)).toEqual(Object.keys(marks));
  for (const [name, mostBytes, parts] of [
    ['ClientError', 1000, []],
    // It reads the header of a refused upgrade.
    ['systemEnvironment', 5000, ['the client of HTTP']],
    // It needs the key of a service, which stands beside the schema of one; whoever uses it uses createClient as well.
    ['MemorySnapshots', 0.7 * whole.length, ['the schema library']],
  ] as const) {
    const part = await bundleOf(name);
    expect([name, partsIn(part), part.length < mostBytes]).toEqual([name, parts, true]);
  }
});

it('no bundle holds what only nodes need', async () => {
  const whole = await bundleOf('createClient');
  // The description of the HTTP interface, the reader of configurations, and what is imported and not bundled.
  const foreign = ['components/schemas', 'toml', 'from"node:', 'from"ws"'];
  expect(foreign.filter((mark) => whole.includes(mark))).toEqual([]);
});
