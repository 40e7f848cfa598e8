import { VirtualTime } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { NotesKeeper } from './notes-keeper.js';

const dayMs = 24 * 3_600_000;

let time: VirtualTime;
let heard: Record<string, number>;
let notes: NotesKeeper;
let startMs: number;

beforeEach(() => {
  time = new VirtualTime();
  heard = {};
  const { clock } = time.node();
  startMs = clock.wallMs();
  notes = new NotesKeeper({ clock, contacts: () => heard });
});

describe('NotesKeeper', () => {
  it('says that the node runs now', async () => {
    await time.advance(5000);
    expect(notes.current()).toEqual({ aliveWallMs: startMs + 5000, contacts: {} });
  });

  it('keeps what an earlier run noted of peers that were not heard since', () => {
    notes.continue({ aliveWallMs: startMs - 10, contacts: { node2: startMs - 20, node3: startMs - 30 } });
    heard = { node3: startMs };
    expect(notes.current().contacts).toEqual({ node2: startMs - 20, node3: startMs });
  });

  it('forgets peers that are long gone', async () => {
    heard = { node2: startMs };
    await time.advance(29 * dayMs);
    expect(Object.keys(notes.current().contacts)).toEqual(['node2']);
    await time.advance(2 * dayMs);
    expect(notes.current().contacts).toEqual({});
  });
});
