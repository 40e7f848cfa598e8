import type { RecordsEnvelope, RecordsRequest } from '@artemis/core';
import { encodeRecord } from '@artemis/core';
import { VirtualTime } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { Peer } from '../cluster/peer.js';
import { alive } from '../registry/registry.fixture.js';
import type { RecordIntake } from './intake.js';
import type { PeerQueries } from './peer-queries.js';
import { QueryError } from './peer-queries.js';
import { TablePull } from './table-pull.js';

const peer = (name: string): Peer =>
  new Peer({ address: name, url: `http://${name}` }, 'configured', 5000, { monotonicMs: 0, wallMs: 0 });
const wire = (id: number) => encodeRecord({ record: alive(`i${id}`, 1), ageMs: 0 });

/** Ten pages of ten records, whose cursors are their numbers. */
function tenPages({ cursor }: RecordsRequest): RecordsEnvelope {
  const page = Number(cursor ?? 0);
  const instances = Array.from({ length: 10 }, (_, id) => wire(page * 10 + id));
  return {
    response_status: { error_code: 'success' },
    instances,
    ...(page < 9 && { next_cursor: String(page + 1) }),
  };
}

function pullFrom(answer: (name: string, request: RecordsRequest) => RecordsEnvelope) {
  const time = new VirtualTime();
  const asked: string[] = [];
  const taken: string[] = [];
  const queries = {
    records: async ({ address }: Peer, request: RecordsRequest) => {
      asked.push(`${address} ${request.cursor ?? ''}`);
      return answer(address, request);
    },
  } as unknown as PeerQueries;
  const intake = {
    accept: ({ record }: { record: { instanceKey: { instance_id: string } } }) =>
      void taken.push(record.instanceKey.instance_id),
  } as unknown as RecordIntake;
  return { time, asked, taken, pull: new TablePull({ queries, intake, scheduler: time.scheduler }) };
}

describe('TablePull', () => {
  it('takes page after page until the last', async () => {
    const { time, asked, taken, pull } = pullFrom((_name, request) => tenPages(request));
    await time.finish(pull.from(peer('a')));
    expect(taken).toEqual(Array.from({ length: 100 }, (_, id) => `i${id}`));
    expect([asked.length, pull.done, pull.records]).toEqual([10, true, 100]);
  });

  it('goes on with another peer where one broke off', async () => {
    const { time, asked, taken, pull } = pullFrom((name, request) => {
      if (name === 'a' && request.cursor === '4') throw new QueryError('unanswered', 'gone');
      return tenPages(request);
    });
    await expect(time.finish(pull.from(peer('a')))).rejects.toThrow('gone');
    expect(pull.done).toBe(false);
    await time.finish(pull.from(peer('b')));
    expect(new Set(taken).size).toBe(100);
    expect(asked.filter((text) => text.startsWith('b'))[0]).toBe('b 4');
  });

  it.each([['3'], [''], ['0']])('does not follow a peer whose pages do not go on (%s)', async (back) => {
    const { time, asked, pull } = pullFrom((_name, request) => {
      return request.cursor === '3' ? { ...tenPages(request), next_cursor: back } : tenPages(request);
    });
    await expect(time.finish(pull.from(peer('a')))).rejects.toThrow('its pages do not go on');
    expect(asked.length).toBeLessThan(6);
  });

  it('leaves out what is no record', async () => {
    const { time, taken, pull } = pullFrom(() => ({
      response_status: { error_code: 'success' },
      instances: [wire(1), { ...wire(2), port: 'x' }, 7, null, { ...wire(3), instance_id: 'i4' }],
    }));
    await time.finish(pull.from(peer('a')));
    expect(taken).toEqual(['i1', 'i4']);
  });
});
