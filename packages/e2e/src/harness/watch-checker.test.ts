import { toInstanceKey, type InstanceChange, type ServerMessage } from '@artemis/core';
import { anInstance } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  changesCompared,
  differencesFrom,
  lastStates,
  strangersIn,
  type LogExtract,
} from './watch-checker.js';
import { WatchRecord } from './watch-record.js';

const logId = 'node3#run';
const service = 'orders';

function change(revision: number, id: string, type: InstanceChange['change_type']): InstanceChange {
  const instance = anInstance({ service_id: service, instance_id: id });
  return { instance, change_type: type, change_time: '2026-01-02T03:04:05.000Z', revision };
}

function message(...changes: InstanceChange[]): ServerMessage {
  const revision = changes.at(-1)?.revision ?? 0;
  return { type: 'service_change', service_id: service, log_id: logId, revision, changes };
}

function snapshot(revision: number, ...ids: string[]): ServerMessage {
  const instances = ids.map((id) => anInstance({ service_id: service, instance_id: id }));
  return {
    type: 'subscribed',
    service_id: service,
    log_id: logId,
    revision,
    service: { service_id: service, instances },
  };
}

const resumed: ServerMessage = { type: 'subscribed', service_id: service, log_id: logId, revision: 6 };
const changes = [
  change(3, 'a', 'new'),
  change(4, 'b', 'new'),
  change(6, 'a', 'change'),
  change(8, 'b', 'delete'),
] as const;
const [third, fourth, sixth, eighth] = changes;
const log: LogExtract = { logId, from: 0, to: 9, changes };

describe('the checker of watches', () => {
  let record: WatchRecord;

  beforeEach(() => {
    record = new WatchRecord();
    record.connected();
    record.asks(service);
  });

  function told(...messages: ServerMessage[]): string[] {
    for (const one of messages) record.take(one);
    return differencesFrom(log, record);
  }

  it('finds nothing wrong where everything came once and in order', () => {
    expect(told(snapshot(2), message(third, fourth), message(sixth), message(eighth))).toEqual([]);
    expect(changesCompared(log, record)).toBe(4);
    const [left] = record.viewOf('Orders').keys();
    expect(left).toContain(toInstanceKey(sixth.instance).instance_id);
    expect(record.viewOf(service).size).toBe(1);
  });

  it('takes a snapshot for what is in it', () => {
    expect(told(snapshot(4, 'a', 'b'), message(sixth, eighth))).toEqual([]);
    expect(changesCompared(log, record)).toBe(2);
  });

  it('finds what is missing, in the middle and in the end', () => {
    expect(told(snapshot(2), message(third, fourth), message(eighth))).toEqual([
      expect.stringContaining('told of 3 changes, the log has 4; number 2 is 8'),
    ]);
    const late = new WatchRecord();
    late.connected();
    late.asks(service);
    late.take(snapshot(4, 'a', 'b'));
    late.take(message(sixth));
    expect(differencesFrom(log, late)).toEqual([expect.stringContaining('number 1 is nothing')]);
  });

  it('finds what came twice', () => {
    expect(told(snapshot(4, 'a', 'b'), message(sixth), message(sixth), message(eighth))).toEqual([
      'orders at 6, told at 6 before',
      expect.stringContaining('told of 3 changes, the log has 2'),
    ]);
  });

  it('finds what came out of order', () => {
    const faults = told(snapshot(2), message(fourth), message(third), message(sixth), message(eighth));
    expect(faults[0]).toBe('orders at 3, told at 4 before');
  });

  it('finds another content', () => {
    const other = { ...sixth, instance: { ...sixth.instance, port: 1 } };
    expect(told(snapshot(4, 'a', 'b'), message(other), message(eighth))).toHaveLength(1);
  });

  it('finds what does not fit the view, or was not asked for', () => {
    expect(told(snapshot(4, 'b'), message(sixth), message(eighth))[0]).toMatch(/^change at 6 of an unknown/);
    expect(told({ ...snapshot(4), service_id: 'other' } as ServerMessage)).toContain(
      'a snapshot of other that nobody asked for',
    );
  });

  it('wants what was missed while nothing was connected, unless a snapshot has it', () => {
    told(snapshot(2), message(third, fourth), message(sixth));
    record.connected();
    record.asks(service);
    expect(told(resumed)).toEqual([expect.stringContaining('number 3 is nothing')]);
    expect(told(message(eighth))).toEqual([]);

    record = new WatchRecord();
    record.asks(service);
    told(snapshot(2), message(third));
    record.asks(service);
    expect(told(snapshot(8, 'a'))).toEqual([]);
    expect(record.viewOf(service).size).toBe(1);
  });

  it('lets a slow one miss what the snapshot after its reload has', () => {
    const reload: ServerMessage = {
      type: 'reload',
      service_id: service,
      from_revision: 3,
      revision: 6,
      log_id: logId,
    };
    expect(told(snapshot(2), message(third), reload)).toEqual([]);
    expect(record.isSettled).toBe(false);
    expect(told(snapshot(6, 'a', 'b'), message(eighth))).toEqual([]);
    expect([record.reloads, record.isSettled]).toEqual([1, true]);
  });

  it('wants all revisions in order of who watches everything', () => {
    const all = new WatchRecord();
    all.connected();
    all.asksForAll();
    all.take({ type: 'subscribed_all', revision: 2, log_id: logId });
    all.take(message(fourth));
    const other = { ...third, instance: { ...third.instance, service_id: 'billing' } };
    all.take({ ...message(other), service_id: 'billing' } as ServerMessage);
    expect(all.faults).toEqual(['revision 3 of billing after 4']);
  });
});

describe('what another node told', () => {
  const port = (revision: number, number: number): InstanceChange => ({
    ...change(revision, 'a', 'change'),
    instance: anInstance({ service_id: service, instance_id: 'a', port: number }),
  });
  const gone = change(9, 'a', 'delete');
  const written = { ...log, changes: [port(1, 1), port(2, 2), gone, port(4, 3), port(5, 2)] };
  const told = (...those: InstanceChange[]) => strangersIn({ ...log, changes: those }, written);

  it('is some of what was written, in that order, whatever its revisions', () => {
    expect(told(port(11, 1), port(12, 2), gone, port(14, 3), port(15, 2))).toEqual([]);
    expect(told(port(11, 2), port(12, 3))).toEqual([]);
    expect(told()).toEqual([]);
    expect(lastStates(written)).toEqual(lastStates({ ...log, changes: [port(30, 2)] }));
  });

  it.each([
    ['nobody wrote', [port(1, 4)]],
    ['was before', [port(1, 3), port(2, 1)]],
    ['was once only', [port(1, 1), port(2, 1)]],
  ])('is nothing that %s', (_what, those) => {
    expect(told(...those)).toHaveLength(1);
  });
});
