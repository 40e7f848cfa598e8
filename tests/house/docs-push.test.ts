import { clientMessageSchema, serverMessageSchema } from '@artemis/core';
import { describe, expect, it } from '@jest/globals';
import { fencesOf, read } from './markdown.js';

const page = read('docs/push.md');
const schemas = { 'json client': clientMessageSchema, 'json server': serverMessageSchema };

describe('docs/push.md', () => {
  it.each(Object.entries(schemas))('shows messages that are right: %s', (info, schema) => {
    const shown = fencesOf(page).filter((fence) => fence.info === info);
    expect(shown.length).toBeGreaterThan(3);
    for (const { text } of shown) expect(schema.parse(JSON.parse(text))).toEqual(JSON.parse(text));
  });

  it.each(Object.entries(schemas))('names every type of message: %s', (_info, schema) => {
    const types = schema.options.map(({ shape }) => shape.type.value);
    expect(types.filter((type) => !new RegExp(`["\`]${type}["\`]`).test(page))).toEqual([]);
  });
});
