import { anAliveRecord, VirtualTime } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RegistryRecord, StoredState } from '@artemis/core';
import { encodeRecord } from './record-codec.js';
import type { Ending } from './store-messages.js';
import { FakePort } from './store-port.fixture.js';
import { StoreReader } from './store-reader.js';

const record = anAliveRecord();
const json = (of: RegistryRecord): string => encodeRecord(of)[1].slice(8);

let time: VirtualTime;
let ports: FakePort[];
/** What the program does, start by start. */
let behaviours: ((port: FakePort, id: number) => void)[];

beforeEach(() => {
  time = new VirtualTime();
  ports = [];
  behaviours = [];
});

function read(create = false): Promise<StoredState> {
  const startProcess = () => {
    const port = new FakePort();
    const behave = behaviours[ports.push(port) - 1];
    port.onRequest = ({ id }) => queueMicrotask(() => behave?.(port, id));
    return port;
  };
  const reader = new StoreReader({ scheduler: time.scheduler, startProcess });
  return reader.read({ directory: '/data', durability: 'process', create });
}

const answers = (port: FakePort, id: number): void => {
  port.answer(id, { kind: 'records', records: `[${json(record)}]` });
  port.answer(id, { kind: 'records', records: '[]' });
  port.answer(id, { kind: 'done', notes: '{"aliveWallMs":1,"contacts":{"node2":2}}' });
};
const ends = (ending: Partial<Ending>) => (port: FakePort) => port.end(ending);

describe('StoreReader', () => {
  it('answers all records and the notes, and ends the process', async () => {
    behaviours = [answers];
    const notes = { aliveWallMs: 1, contacts: { node2: 2 } };
    expect(await read()).toEqual({ records: [record], notes });
    expect(ports.map(({ killed }) => killed)).toEqual([true]);
  });

  it.each(['SIGSEGV', 'SIGBUS', 'SIGABRT'])(
    'calls a store corrupt that crashes its reader: %s',
    async (signal) => {
      behaviours = [ends({ signal, said: 'Assertion failed' }), answers];
      const message = expect.stringMatching(new RegExp(`${signal}: Assertion failed`));
      await expect(read()).rejects.toMatchObject({ kind: 'corrupt', message });
      expect(ports).toHaveLength(1);
    },
  );

  it('calls a store corrupt that the program finds to be so, or whose records make no sense', async () => {
    behaviours = [
      (port, id) => port.answer(id, { kind: 'failed', problem: 'corrupt', message: 'two are missing' }),
      (port, id) => port.answer(id, { kind: 'records', records: '[{' }),
    ];
    await expect(read()).rejects.toMatchObject({ kind: 'corrupt', message: 'two are missing' });
  });

  it('calls a store corrupt whose reader makes no progress for half a minute', async () => {
    let progress = 0;
    behaviours = [
      (port, id) => {
        time.scheduler.every(20_000, () => {
          progress += 1;
          if (progress < 5) port.answer(id, { kind: 'records', records: '[]' });
        });
      },
    ];
    const reading = read().catch((problem: unknown) => problem);
    await time.advance(105_000);
    expect(ports[0]?.killed).toBe(false);
    await time.advance(6000);
    expect(await reading).toMatchObject({ kind: 'corrupt', message: 'reading it hangs' });
    expect(ports[0]?.killed).toBe(true);
  });

  it('tries again when somebody killed the process, and blames no store for it', async () => {
    behaviours = [ends({ signal: 'SIGKILL' }), answers];
    expect((await read()).records).toEqual([record]);
    ports = [];
    behaviours = [ends({ signal: 'SIGKILL' }), ends({ code: 1, said: 'Cannot find module' })];
    await expect(read()).rejects.toMatchObject({
      kind: 'unusable',
      message: expect.stringContaining('Cannot find module'),
    });
  });

  it.each(['unusable', 'newer'] as const)('hands on that it is %s', async (kind) => {
    behaviours = [(port, id) => port.answer(id, { kind: 'failed', problem: kind, message: 'so it is' })];
    await expect(read()).rejects.toMatchObject({ kind, message: 'so it is' });
  });

  it('finds nothing corrupt where there was nothing', async () => {
    behaviours = [ends({ signal: 'SIGSEGV' })];
    await expect(read(true)).rejects.toMatchObject({ kind: 'unusable' });
  });
});
