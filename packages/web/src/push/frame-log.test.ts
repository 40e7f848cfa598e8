import type { Change } from '@artemis/core';
import { describe, expect, it } from '@jest/globals';
import { ChangeFrame, FrameLog } from './frame-log.js';

const changes = (size: number) => new Array<Change>(size).fill({ revision: 1 } as Change);

describe('a frame', () => {
  it('is encoded when it is first needed, and never again', () => {
    let encoded = 0;
    const frame = new ChangeFrame({ key: 'a', changes: changes(2) }, () => `${(encoded += 1)}`);
    expect([encoded, frame.heldBytes, frame.size]).toEqual([0, 0, 2]);
    expect(frame.bytes).toBe(frame.bytes);
    expect([encoded, frame.heldBytes]).toEqual([1, 3]);
  });
});

describe('the log of frames', () => {
  const filled = (limits: { changes: number; bytes: number }, frames: number) => {
    const log = new FrameLog(limits);
    for (let index = 0; index < frames; index += 1) {
      const frame = new ChangeFrame({ key: String(index), changes: changes(10) }, () => 'x'.repeat(98));
      expect(frame.bytes).toHaveLength(100);
      log.push(frame);
    }
    return log;
  };

  it('gives frames by number, also after older ones have gone', () => {
    const log = filled({ changes: 25, bytes: 10_000 }, 4);
    expect([log.first, log.next, log.get(0)?.key]).toEqual([0, 4, '0']);
    log.trim();
    expect([log.first, log.next]).toEqual([2, 4]);
    expect([1, 2, 3, 4].map((number) => log.get(number)?.key)).toEqual([undefined, '2', '3', undefined]);
  });

  it('holds so many bytes', () => {
    const log = filled({ changes: 1000, bytes: 350 }, 5);
    log.trim();
    expect([log.first, log.next]).toEqual([2, 5]);
  });

  it('goes on counting when it is emptied', () => {
    const log = filled({ changes: 1000, bytes: 1000 }, 2);
    log.clear();
    expect([log.first, log.next, log.get(1)]).toEqual([2, 2, undefined]);
  });
});
