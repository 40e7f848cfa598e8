/** A value as JSON has it, and what only a text can say: see {@link RawJson} and {@link Pairs}. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json } | Odd;

type Odd = RawJson | Pairs;

/** A piece of text that is written as it stands: `1e999`, `NaN`, `"\ud800"`, a thousand brackets. */
export class RawJson {
  constructor(readonly text: string) {}
}

/** An object as a list of its fields, in which a name can stand twice. */
export class Pairs {
  constructor(readonly list: readonly (readonly [string, Json])[]) {}
}

/** An object that is one in JSON, too: neither a list nor one of the oddities. */
export function isPlainObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof RawJson) &&
    !(value instanceof Pairs)
  );
}

/** Like `JSON.stringify`, with the oddities written as they are meant. */
export function writeJson(value: Json): string {
  if (value instanceof RawJson) return value.text;
  if (value instanceof Pairs) return writeFields(value.list);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(writeJson).join(',')}]`;
  if (isPlainObject(value)) return writeFields(Object.entries(value));
  return JSON.stringify(value);
}

function writeFields(fields: readonly (readonly [string, Json])[]): string {
  return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${writeJson(value)}`).join(',')}}`;
}
