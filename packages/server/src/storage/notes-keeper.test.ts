import { VirtualTime } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { NotesKeeper } from './notes-keeper.js';

const dayMs = 24 * 3_600_000;

let time: VirtualTime;
let heard: Record<string, number>;
let notes: NotesKeeper;
let startMs: number;
let holdsBack: boolean;

beforeEach(() => {
  time = new VirtualTime();
  heard = {};
  holdsBack = false;
  const { clock } = time.node();
  startMs = clock.wallMs();
  notes = new NotesKeeper({ clock, contacts: () => heard, holdsBack: () => holdsBack });
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

  it('stay as they were while records are held back, over a restart or within a run', async () => {
    const before = { aliveWallMs: startMs - 3_600_000, contacts: { node2: startMs - 3_600_000 } };
    notes.continue(before);
    heard = { node2: startMs };
    holdsBack = true;
    expect(notes.current()).toEqual(before);
    holdsBack = false;
    expect(notes.current()).toEqual({ aliveWallMs: startMs, contacts: heard });
    holdsBack = true;
    await time.advance(1000);
    expect(notes.current().aliveWallMs).toBe(startMs);
  });

  it('forgets peers that are long gone', async () => {
    heard = { node2: startMs };
    await time.advance(29 * dayMs);
    expect(Object.keys(notes.current().contacts)).toEqual(['node2']);
    await time.advance(2 * dayMs);
    expect(notes.current().contacts).toEqual({});
  });
});
