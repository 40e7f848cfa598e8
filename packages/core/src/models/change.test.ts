import { describe, expect, it } from '@jest/globals';
import { anAliveRecord } from '../testing/index.js';
import type { Change } from './change.js';
import { instanceChangeSchema, toInstanceChange } from './change.js';
import { expiryOf, unregistered } from './record.js';

const alive = anAliveRecord();

function seen(change: Partial<Change>): unknown {
  const whole: Change = {
    revision: 5,
    record: alive,
    previous: undefined,
    origin: 'peer',
    reason: 'registered',
    type: 'new',
    visibility: 'listed',
    wallMs: Date.UTC(2025, 5, 1, 12, 0, 0, 250),
    ageMs: 0,
    byClient: false,
    ...change,
  };
  const instanceChange = toInstanceChange(whole);
  if (instanceChange !== undefined)
    expect(instanceChangeSchema.parse(instanceChange)).toEqual(instanceChange);
  return instanceChange;
}

describe('a change as watchers get it', () => {
  it('has the instance, when, and why', () => {
    expect(seen({})).toEqual({
      instance: alive.instance,
      change_type: 'new',
      change_time: '2025-06-01T12:00:00.250Z',
      revision: 5,
      reason: 'registered',
    });
  });

  it('is none when what they see stayed the same', () => {
    expect(seen({ type: undefined, reason: 'moved' })).toBeUndefined();
  });

  it('names a removed instance as it was last shown', () => {
    const before = anAliveRecord({ instance: { port: 1 } });
    const tombstone = unregistered(alive.key, alive.instanceKey, alive.version);
    const removal = { type: 'delete', previous: before, visibility: undefined } as const;
    const removed = { instance: before.instance, change_type: 'delete' };
    expect(seen({ ...removal, record: tombstone, reason: 'unregistered' })).toMatchObject(removed);
    expect(seen({ ...removal, record: expiryOf(before), reason: 'expired' })).toMatchObject(removed);
  });

  it('says in whatever change that the lease cannot be vouched for', () => {
    const unconfirmed = { type: 'change', visibility: 'unconfirmed' } as const;
    const marked = { change_type: 'change', instance: { ...alive.instance, unconfirmed: true } };
    expect(seen({ ...unconfirmed, reason: 'unconfirmed' })).toMatchObject(marked);
    expect(seen({ ...unconfirmed, reason: 'registered' })).toMatchObject(marked);
    expect(seen({ type: 'change', reason: 'confirmed' })).toMatchObject({ instance: alive.instance });
  });

  it('is a removal when the instance is hidden, whatever hid it', () => {
    const hidden = { type: 'delete', visibility: 'hidden', previous: alive } as const;
    const removed = { change_type: 'delete', reason: 'hidden', instance: alive.instance };
    expect(seen({ ...hidden, reason: 'hidden' })).toMatchObject(removed);
    expect(seen({ ...hidden, reason: 'registered' })).toMatchObject(removed);
  });

  it('tells of a change of owner that shows the instance again as of a confirmation', () => {
    expect(seen({ type: 'change', reason: 'moved' })).toMatchObject({ reason: 'confirmed' });
    expect(seen({ type: 'new', reason: 'moved' })).toMatchObject({ change_type: 'new', reason: 'confirmed' });
  });
});
