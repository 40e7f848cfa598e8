import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configReferenceMarkdown, defaultConfig } from '@artemis/core/config';
import { createNode, silentLogger, systemRuntime } from '@artemis/server';
import { describe, expect, it } from '@jest/globals';
import { relations } from '../../packages/core/src/config/relations.js';
import { codeOf, read, root, sectionOf, tableOf } from './markdown.js';

describe('docs/configuration.md', () => {
  const path = 'docs/configuration.md';
  const [begin, end] = ['<!-- keys: begin -->\n\n', '\n<!-- keys: end -->'];

  // UPDATE_DOCS=1 writes the reference instead of comparing it.
  it('has the reference that is made from the schema', () => {
    const page = read(path);
    const from = page.indexOf(begin) + begin.length;
    const to = page.indexOf(end);
    expect(from).toBeLessThan(to);
    const made = configReferenceMarkdown();
    if (process.env['UPDATE_DOCS'] !== undefined)
      writeFileSync(join(root, path), page.slice(0, from) + made + page.slice(to));
    else expect(page.slice(from, to)).toBe(made);
  });

  it('names every relation between keys', () => {
    const named = tableOf(sectionOf(read(path), 'Relations')).map(([key]) => codeOf(key));
    expect(named).toEqual(relations.map(({ keys: [blamed] }) => blamed));
  });
});

describe('docs/operations.md', () => {
  it('lists the metrics of a node, each with its type', async () => {
    const config = defaultConfig({ storage: { engine: 'memory' } });
    const node = createNode(config, systemRuntime(config, silentLogger));
    const { text } = await node.state.metrics.render();
    await node.stop();
    const rendered = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]);
    const listed = tableOf(sectionOf(read('docs/operations.md'), 'Metrics')).map(([name, type]) => [
      codeOf(name),
      type,
    ]);
    expect(listed.sort()).toEqual(rendered.sort());
  });
});

describe('docs/architecture.md', () => {
  it('lists the packages that exist', () => {
    const listed = tableOf(sectionOf(read('docs/architecture.md'), 'Packages')).map(([name]) => codeOf(name));
    expect(listed.map((name) => name.replace('@artemis/', '')).sort()).toEqual(
      readdirSync(join(root, 'packages')).sort(),
    );
  });
});
