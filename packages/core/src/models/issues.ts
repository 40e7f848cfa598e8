import type { z } from 'zod';

/** The first thing that is wrong, starting with the path of the field: `instances[3].port: …`. */
export function describeIssue(error: z.ZodError, base: string): string {
  const issue = error.issues[0];
  if (issue === undefined) return `${base}: invalid`;
  return `${pathText(base, issue.path)}: ${issue.message}`;
}

function pathText(base: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, base);
}
