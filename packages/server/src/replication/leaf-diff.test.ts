import type { RegistryRecord } from '@artemis/core';
import { describe, expect, it } from '@jest/globals';
import { alive, tombstone } from '../registry/registry.fixture.js';
import { diffLeaf } from './leaf-diff.js';

const keyOfId = (id: string): string => alive(id, 1).key;

function diff(
  theirs: readonly RegistryRecord[],
  ours: readonly RegistryRecord[],
  keptBack: readonly string[] = [],
): { fetch: string[]; give: string[] } {
  const held = new Map(ours.map((record) => [record.key, record]));
  const isKept = (key: string): boolean => keptBack.map(keyOfId).includes(key);
  const found = diffLeaf({
    theirs,
    ours: ours.filter(({ key, state }) => state === 'alive' && !isKept(key)).map(({ key }) => key),
    held: (key) => held.get(key),
    keptBack: isKept,
  });
  const idOf = (key: string): string => key.split('\u001f').at(-1) ?? '';
  return {
    fetch: found.fetch.map(({ instance_id: id }) => id),
    give: found.give.map((key) => idOf(key)),
  };
}

describe('diffLeaf', () => {
  it.each([
    ['what is equal', [alive('a', 1)], [alive('a', 1)], { fetch: [], give: [] }],
    ['what is missing here', [alive('a', 1)], [], { fetch: ['a'], give: [] }],
    ['what is missing there', [], [alive('a', 1)], { fetch: [], give: ['a'] }],
    ['what is newer there', [alive('a', 2)], [alive('a', 1)], { fetch: ['a'], give: [] }],
    ['what is newer here', [alive('a', 1)], [alive('a', 2)], { fetch: [], give: ['a'] }],
    ['what was removed here since', [alive('a', 1)], [tombstone('a', 2)], { fetch: [], give: ['a'] }],
    ['what was registered there since', [alive('a', 3)], [tombstone('a', 2)], { fetch: ['a'], give: [] }],
    ['a tombstone that nobody needs', [], [tombstone('a', 2)], { fetch: [], give: [] }],
  ])('of %s', (_what, theirs, ours, expected) => {
    expect(diff(theirs, ours)).toEqual(expected);
  });

  it('of what this node does not vouch for: asks for it, and never gives it', () => {
    expect(diff([alive('a', 1)], [alive('a', 1)], ['a'])).toEqual({ fetch: ['a'], give: [] });
    expect(diff([alive('a', 1)], [alive('a', 2)], ['a'])).toEqual({ fetch: [], give: [] });
    expect(diff([], [alive('a', 1)], ['a'])).toEqual({ fetch: [], give: [] });
  });
});
