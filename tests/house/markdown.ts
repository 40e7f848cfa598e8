/** The documents of this repository, read as far as the tests of them need it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** @param path from the root of the repository */
export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

const skipped = new Set(['node_modules', 'dist', 'coverage', '.git', '.cluster']);

/** Paths of all Markdown files, from the root of the repository. */
export function markdownFiles(folder = root): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : markdownFiles(path);
    return entry.name.endsWith('.md') ? [relative(root, path)] : [];
  });
}

export interface Fence {
  /** What stands after the opening backticks: `sh`, `json answer`. */
  readonly info: string;
  readonly text: string;
}

const fencePattern = /^```([^\n]*)\n([^]*?)^```$/gm;

export function fencesOf(markdown: string): Fence[] {
  return [...markdown.matchAll(fencePattern)].map(([, info = '', text = '']) => ({
    info: info.trim(),
    text,
  }));
}

export function withoutFences(markdown: string): string {
  return markdown.replaceAll(fencePattern, '');
}

export interface Heading {
  readonly level: number;
  readonly text: string;
}

export function headingsOf(markdown: string): Heading[] {
  return [...withoutFences(markdown).matchAll(/^(#+) (.+)$/gm)].map(([, marks = '', text = '']) => ({
    level: marks.length,
    text,
  }));
}

/** What stands between a heading and the next of the same or a higher level. */
export function sectionOf(markdown: string, heading: string): string {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => line.replace(/^#+ /, '') === heading && line.startsWith('#'));
  if (start < 0) throw new Error(`there is no heading "${heading}"`);
  const level = (lines[start] as string).indexOf(' ');
  const inFence = fenceLines(lines);
  const end = lines.findIndex(
    (line, index) => index > start && !inFence[index] && /^#+ /.test(line) && line.indexOf(' ') <= level,
  );
  return lines.slice(start + 1, end < 0 ? undefined : end).join('\n');
}

function fenceLines(lines: readonly string[]): boolean[] {
  let open = false;
  return lines.map((line) => {
    if (line.startsWith('```')) open = !open;
    return open;
  });
}

/** The cells of the first table, without its head. A pipe in a cell is written `\|`. */
export function tableOf(markdown: string): string[][] {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => /^\| ?-/.test(line));
  if (start < 0) throw new Error('there is no table');
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines.slice(start + 1, end < 0 ? undefined : end).map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  );
}

/** The anchor that a heading gets, as GitHub makes it. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

/** A cell that is one piece of code, without its backticks. */
export function codeOf(cell: string | undefined): string {
  return (cell ?? '').replace(/^`(.*)`$/, '$1');
}
