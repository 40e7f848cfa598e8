import { readFileSync } from 'node:fs';
import { parse } from '@iarna/toml';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from './load.js';
import { configReferenceMarkdown } from './reference.js';
import { configKeys } from './schema.js';

describe('the table of keys', () => {
  it('names a key in code as in the file, in camel case and with Ms for every duration', () => {
    for (const { name, codeName } of configKeys) {
      const camel = name
        .replace(/_secs$/, '_ms')
        .replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
      expect(codeName).toBe(camel);
    }
  });

  it('names the unit in the key', () => {
    for (const { name, expected, scale } of configKeys) {
      const unit = /\((milliseconds|seconds|bytes)\)$/.exec(expected)?.[1];
      const suffix = /_(ms|secs|bytes)$/.exec(name)?.[1];
      expect(suffix).toBe(unit && { milliseconds: 'ms', seconds: 'secs', bytes: 'bytes' }[unit]);
      expect(scale).toBe(suffix === 'secs' ? 1000 : 1);
    }
  });

  it('has no two keys with one path or one variable', () => {
    expect(new Set(configKeys.map(({ path }) => path)).size).toBe(configKeys.length);
    expect(new Set(configKeys.map(({ variable }) => variable)).size).toBe(configKeys.length);
  });

  it('has a default for every key, or says what it is', () => {
    const without = configKeys.filter((key) => key.default === undefined);
    expect(without.map(({ path }) => path)).toEqual([
      'server.node_id',
      'server.advertise_addr',
      'cluster.secret',
    ]);
    expect(without.filter(({ defaultAbout }) => defaultAbout === undefined)).toEqual([]);
  });

  it('accepts its own defaults', () => {
    const refused = configKeys.filter(
      (key) => key.default !== undefined && key.check(key.default).length > 0,
    );
    expect(refused).toEqual([]);
  });
});

/** Paths with their values, those of nested tables too. */
function leavesOf(table: object, prefix = ''): [path: string, value: unknown][] {
  return Object.entries(table).flatMap(([name, value]: [string, unknown]): [string, unknown][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? leavesOf(value, `${prefix}${name}.`)
      : [[`${prefix}${name}`, value]],
  );
}

describe('artemis.example.toml', () => {
  const text = readFileSync(new URL('../../../../artemis.example.toml', import.meta.url), 'utf8');
  const tables = parse(text) as Record<string, Record<string, unknown>>;
  const paragraphs = text.split('\n\n').map((paragraph) => paragraph.replace(/^\[[\w.]+\]\n/, ''));

  it('is accepted, and changes nothing', () => {
    expect(loadConfig({ text, hostName: 'host1' }).config).toEqual(loadConfig({ hostName: 'host1' }).config);
  });

  it('sets every key that has a default to just that, and nothing else', () => {
    const listed = leavesOf(tables);
    const expected = configKeys
      .filter((key) => key.default !== undefined)
      .map((key) => [key.path, key.default]);
    expect(listed).toEqual(expected);
  });

  it('documents each key above it: meaning, unit and default', () => {
    const documented = paragraphs.slice(1);
    expect(documented).toHaveLength(configKeys.length);
    configKeys.forEach((key, index) => {
      const lines = (documented[index] ?? '').trimEnd().split('\n');
      const setting = lines.pop() ?? '';
      const comment = lines.join(' ');
      expect(setting).toMatch(new RegExp(`^${key.default === undefined ? '# ' : ''}${key.name} = .`));
      expect(lines.filter((line) => !line.startsWith('# '))).toEqual([]);
      expect(comment).toMatch(/Default: .+\.$/);
      const [, unit] = /\((milliseconds|seconds|bytes)\)$/.exec(key.expected) ?? [];
      if (unit !== undefined) expect(comment).toContain(unit);
    });
  });
});

describe('configReferenceMarkdown', () => {
  const lines = configReferenceMarkdown().split('\n');

  it('has a row for every key, in the section of the key', () => {
    const found: string[] = [];
    let section = '';
    for (const line of lines) {
      section = /^### `\[([\w.]+)\]`$/.exec(line)?.[1] ?? section;
      const name = /^\| `(\w+)` \|/.exec(line)?.[1];
      if (name !== undefined) found.push(`${section}.${name}`);
    }
    expect(found).toEqual(configKeys.map(({ path }) => path));
  });

  it('says default, meaning and what a value must be', () => {
    expect(lines).toContain(
      '| `cleanup_interval_secs` | `60` | Longest time between two sweeps of the whole table for removals to forget. Expiry does not wait for it. | an integer from 1 to 3600 (seconds) |',
    );
    expect(lines.filter((line) => line.startsWith('| ') && line.split(/(?<!\\)\|/).length !== 6)).toEqual([]);
  });
});
