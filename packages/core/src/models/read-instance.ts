import type { Instance } from './instance.js';
import { instanceSchema, toInstance } from './instance.js';
import type { Fields } from './plain.js';
import { isPlainInstance } from './plain.js';

const order = new Map(Object.keys(instanceSchema.shape).map((name, index) => [name, index]));

/**
 * Reads an instance as clients send it: exactly what `instanceSchema` and `toInstance` make of it, `undefined` when the
 * schema refuses it. Does not change the item, which may be what is answered. What is plain costs a fraction of what
 * the schema does.
 */
export function readInstance(item: unknown): Instance | undefined {
  if (typeof item === 'object' && item !== null && isPlainInstance(item as Fields))
    return inOrder(item as Fields);
  const parsed = instanceSchema.safeParse(item);
  return parsed.success ? toInstance(parsed.data) : undefined;
}

/** With its fields in the order of the schema, in which all answers have them. */
function inOrder(item: Fields): Instance {
  let last = -1;
  for (const name in item) {
    const place = order.get(name) ?? -1;
    if (place < last) return sorted(item) as unknown as Instance;
    last = place;
  }
  return item as unknown as Instance;
}

function sorted(item: Fields): Fields {
  const fields: Record<string, unknown> = {};
  for (const name of order.keys()) if (item[name] !== undefined) fields[name] = item[name];
  return fields;
}
