import type * as z from 'zod';

type Issue = z.core.$ZodIssue;

/** Names and values of callers are quoted up to so many characters: a message must not grow with what is wrong. */
const quotedLength = 64;

/**
 * The first thing that is wrong, starting with the path of the field: `instances[3].port: …`. Every text that callers
 * are told of a schema is made here.
 *
 * @param base path of what was parsed, '' for a whole
 * @param value what was parsed: where it is given, the message says what stands there
 */
export function describeIssue(error: z.ZodError, base: string, value?: unknown): string {
  const issue = error.issues[0];
  if (issue === undefined) return `${base}: invalid`;
  const { path, message } = innermost(issue, valueAt(value, issue.path));
  const where = pathText(base, path);
  return where === '' ? message : `${where}: ${message}`;
}

interface Finding {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Of a choice between shapes, what is wrong with the shape that the value comes closest to. */
function innermost(issue: Issue, found: unknown): Finding {
  const { path } = issue;
  const closest = issue.code === 'invalid_union' ? fewest(issue.errors)?.[0] : undefined;
  // A choice that has a text of its own says what is expected better than one of its branches.
  if (closest === undefined || issue.message !== 'Invalid input')
    return { path, message: messageOf(issue, found) };
  const inner = innermost(closest, valueAt(found, closest.path));
  return { path: [...path, ...inner.path], message: inner.message };
}

function fewest(branches: readonly Issue[][]): Issue[] | undefined {
  return branches.toSorted((a, b) => a.length - b.length)[0];
}

function messageOf(issue: Issue, found: unknown): string {
  // A schema's own text says more than anything that can be made of the rule.
  if (!/^(Too (big|small): |Invalid |Unrecognized )/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return typeText(issue.expected, issue.message) + (issue.expected === 'int' ? isText(found) : '');
    case 'too_big':
      return `expected ${issue.inclusive === false ? 'less than' : 'at most'} ${amountText(issue.origin, issue.maximum, found)}`;
    case 'too_small':
      return `expected ${issue.inclusive === false ? 'more than' : 'at least'} ${amountText(issue.origin, issue.minimum, found)}`;
    case 'invalid_value':
      return `expected ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(quoted).join(', ')}${isText(found)}`;
    case 'invalid_format':
      return `expected ${issue.format === 'regex' ? 'another form' : `a valid ${issue.format}`}${isText(found)}`;
    case 'unrecognized_keys':
      return `unknown field ${issue.keys.slice(0, 1).map(quoted).join('')}`;
    case 'not_multiple_of':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return 'invalid';
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'an array',
  tuple: 'an array',
  null: 'null',
  never: 'nothing',
  undefined: 'nothing',
};

/** What was there is known from the message alone: an issue does not hold it. */
function typeText(expected: string, message: string): string {
  const wanted = typeNames[expected] ?? expected;
  const [, received = ''] = /received (\w+)$/.exec(message) ?? [];
  if (received === 'undefined') return `missing, expected ${wanted}`;
  if (received === '' || expected === 'int') return `expected ${wanted}`;
  return `expected ${wanted}, got ${typeNames[received] ?? received}`;
}

const units: Readonly<Record<string, string>> = { string: 'character', array: 'item', object: 'entry' };

/** `64 items, has 65`, or `65535, is 70000`. */
function amountText(origin: string, limit: number | bigint, found: unknown): string {
  const unit = units[origin];
  if (unit === undefined) return `${limit}${isText(found)}`;
  const plural = unit === 'entry' ? 'entries' : `${unit}s`;
  const has = typeof found === 'string' || Array.isArray(found) ? `, has ${found.length}` : '';
  return `${limit} ${limit === 1 ? unit : plural}${has}`;
}

function isText(found: unknown): string {
  return typeof found === 'number' || typeof found === 'string' ? `, is ${quoted(found)}` : '';
}

function quoted(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(clipped(value)) : String(value);
}

function clipped(text: string): string {
  return text.length <= quotedLength ? text : `${text.slice(0, quotedLength)}…`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, step) => {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, step)) return undefined;
    return (inner as Readonly<Record<PropertyKey, unknown>>)[step];
  }, value);
}

function pathText(base: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    const name = String(step);
    if (!/^[\w-]{1,64}$/.test(name)) return `${text}[${quoted(name)}]`;
    return text === '' ? name : `${text}.${name}`;
  }, base);
}
