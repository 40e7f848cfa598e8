import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { configKeys } from '@artemis/core/config';
import { describe, expect, it } from '@jest/globals';
import { anchorOf, headingsOf, markdownFiles, read, root, withoutFences } from './markdown.js';

const files = markdownFiles();
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found);
}

describe('every document', () => {
  it('is found by this test', () => {
    expect(files).toEqual(
      expect.arrayContaining(['README.md', 'docs/http-api.md', 'packages/core/README.md']),
    );
  });

  it.each(files)('%s links to what exists', (file) => {
    const links = matches(withoutFences(read(file)), /\]\(([^)\s]+)\)/g).filter(
      (link) => !/^\w+:/.test(link),
    );
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? file : join(dirname(file), decodeURI(path));
      if (!existsSync(join(root, target))) return true;
      if (anchor === undefined) return false;
      return !headingsOf(read(target)).some(({ text }) => anchorOf(text) === decodeURI(anchor));
    });
    expect(broken).toEqual([]);
  });

  it.each(files)('%s names files that exist', (file) => {
    const paths = matches(read(file), /(?<![\w./@-])((?:packages|scripts|tests|docs)\/[\w./-]*\w)/g);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it.each(files)('%s names commands that exist', (file) => {
    const text = read(file);
    expect(matches(text, /npm run ([\w:-]*\w)/g).filter((name) => !(name in scripts))).toEqual([]);
    const known = ['start', 'stop', 'restart', 'status', 'logs', 'clean', 'help'];
    const used = matches(text, /\.\/cluster\.sh ([a-z]+)/g);
    expect(used.filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each(files)('%s names configuration that exists', (file) => {
    const text = read(file);
    const sections = [...new Set(configKeys.map(({ section }) => section))].join('|');
    const paths = matches(text, new RegExp(`\`((?:${sections})\\.[a-z_]+)\``, 'g'));
    const known = new Set(configKeys.map(({ path }) => path));
    expect(paths.filter((path) => !known.has(path) && !existsSync(join(root, path)))).toEqual([]);
    const variables = matches(text, new RegExp(`\\b(ARTEMIS_(?:${sections.toUpperCase()})_[A-Z_]+)\\b`, 'g'));
    const others = ['ARTEMIS_CLUSTER_TIMEOUT', 'ARTEMIS_CLUSTER_DIR', 'ARTEMIS_SERVER_PORT'];
    const allowed = new Set([...configKeys.map(({ variable }) => variable), ...others]);
    expect(variables.filter((name) => !allowed.has(name))).toEqual([]);
  });
});

it('the index of the documentation names every page', () => {
  const pages = files
    .filter((file) => /^docs\/(?!README)/.test(file))
    .map((file) => file.slice('docs/'.length));
  const linked = matches(read('docs/README.md'), /\]\(([^)#]+)\)/g);
  expect(pages.filter((page) => !linked.includes(page))).toEqual([]);
});
