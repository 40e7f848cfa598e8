/** What somebody may have meant by a name that does not exist. */
import { configKeys } from './schema.js';

const sections = [...new Set(configKeys.map((key) => key.section))];

export function unknownSection(name: string): string {
  const near = nearest(name, sections);
  return near === undefined
    ? `unknown section, expected one of ${sections.map((section) => `[${section}]`).join(', ')}`
    : `unknown section, did you mean [${near}]?`;
}

/** @param section an existing section or not */
export function unknownKey(section: string, name: string): string {
  const names = configKeys.filter((key) => key.section === section).map((key) => key.name);
  const near = nearest(name, names);
  if (near !== undefined) return `unknown key, did you mean ${near}?`;
  const elsewhere = sectionOf(name);
  if (elsewhere !== undefined) return `unknown key here, did you mean ${name} in [${elsewhere}]?`;
  return names.length === 0 ? unknownSection(section) : `unknown key, expected one of ${names.join(', ')}`;
}

/** As {@link unknownSection}, in the names of the code. */
export function unknownCodeSection(name: string): string {
  const names = [...new Set(configKeys.map((key) => key.codeSection))];
  const near = nearest(name.slice(name.lastIndexOf('.') + 1), names);
  return near === undefined
    ? `unknown section, expected one of ${names.join(', ')}`
    : `unknown section, did you mean ${near}?`;
}

/**
 * As {@link unknownKey}, in the names of the code.
 *
 * @param section an existing section
 */
export function unknownCodeKey(section: string, name: string): string {
  const keys = configKeys.filter((key) => key.codeSection === section);
  const fromFile = keys.find((key) => key.name === name);
  // A program that gives seconds for milliseconds should know why.
  if (fromFile !== undefined && fromFile.scale !== 1)
    return `unknown key, did you mean ${fromFile.codeName}, in milliseconds?`;
  const names = keys.map((key) => key.codeName);
  const near = fromFile?.codeName ?? nearest(name, names);
  if (near !== undefined) return `unknown key, did you mean ${near}?`;
  const elsewhere = configKeys.filter((key) => key.codeName === name);
  return elsewhere.length === 1
    ? `unknown key here, did you mean ${elsewhere[0]?.codeSection}.${name}?`
    : `unknown key, expected one of ${names.join(', ')}`;
}

/** The section that has such a key, when it is the only one. */
export function sectionOf(name: string): string | undefined {
  const [only, another] = configKeys.filter((key) => key.name === name);
  return another === undefined ? only?.section : undefined;
}

/** The candidate that differs by a slip or two at most from `name`, and the least. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const wanted = squeeze(name);
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  const [best] = candidates
    .map((candidate) => ({ candidate, distance: distance(wanted, squeeze(candidate)) }))
    .filter((match) => match.distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return best?.candidate;
}

/** `listenAddr`, `listen-addr` and `LISTEN_ADDR` are all meant as `listen_addr`. */
function squeeze(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}

/** Levenshtein: how many characters must be put in, taken out or replaced. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_value, index) => index);
  for (const [i, left] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, right] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (left === right ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
