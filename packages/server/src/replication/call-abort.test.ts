import { describe, expect, it } from '@jest/globals';
import { TransportError } from '@artemis/core';
import { CallAbort } from './call-abort.js';

const late = new TransportError('timeout', 'no complete answer in 5 ms');
const closed = new TransportError('closed', 'the transport was closed during the call');

describe('CallAbort', () => {
  it('tells the listener once, and keeps the first reason', () => {
    const abort = new CallAbort();
    let told = 0;
    abort.addEventListener('abort', () => (told += 1));
    expect([abort.aborted, abort.reason]).toEqual([false, undefined]);
    abort.abort(late);
    abort.abort(closed);
    expect([abort.aborted, abort.reason, told]).toEqual([true, late, 1]);
  });

  it('tells nobody who listens no more', () => {
    const abort = new CallAbort();
    abort.addEventListener('abort', () => {
      throw new Error('told');
    });
    abort.removeEventListener();
    abort.abort(late);
    expect(abort.aborted).toBe(true);
  });
});
