import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** The first thing that is wrong, starting with the path of the field: `instances[3].port: …`. */
export function describeIssue(error: z.ZodError, base: string): string {
  const issue = error.issues[0];
  if (issue === undefined) return `${base}: invalid`;
  const { path, message } = innermost(issue);
  const where = pathText(base, path);
  return where === '' ? message : `${where}: ${message}`;
}

interface Finding {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Of a choice between shapes, what is wrong with the shape that the value comes closest to. */
function innermost(issue: Issue): Finding {
  const { path } = issue;
  const closest = issue.code === 'invalid_union' ? fewest(issue.errors)?.[0] : undefined;
  // A choice that has a text of its own says what is expected better than one of its branches.
  if (closest === undefined || issue.message !== 'Invalid input') return { path, message: messageOf(issue) };
  const inner = innermost(closest);
  return { path: [...path, ...inner.path], message: inner.message };
}

function fewest(branches: readonly Issue[][]): Issue[] | undefined {
  return branches.toSorted((a, b) => a.length - b.length)[0];
}

function messageOf(issue: Issue): string {
  if (issue.code !== 'invalid_type') return issue.message;
  const expected = issue.expected === 'int' ? 'a whole number' : issue.expected;
  if (issue.message.endsWith('received undefined')) return `missing, expected ${expected}`;
  return issue.expected === 'int' ? `expected ${expected}` : issue.message;
}

function pathText(base: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    const name = String(step);
    if (!/^[\w-]+$/.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === '' ? name : `${text}.${name}`;
  }, base);
}
