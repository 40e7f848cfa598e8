import { JsonPieces } from '@artemis/core';
import { parsePieces } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { ListBody } from './list-body.js';

describe('ListBody', () => {
  it.each([[[]], [['one']], [['one', 'two', 'żółć "']]])(
    'writes the list %j in its field',
    (items: string[]) => {
      const body = new ListBody('items', items, (pieces, item) => pieces.value({ item }));
      const pieces = new JsonPieces();
      body.writeJson(pieces);
      const said = { items: items.map((item) => ({ item })) };
      expect(parsePieces([pieces.take()])).toEqual(said);
      expect(JSON.parse(JSON.stringify(body))).toEqual(said);
    },
  );
});
