import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { Booted } from './boot.js';
import { deferred, settled } from './deferred.fixture.js';
import { Failure } from './failure.js';
import { untilStopped } from './lifetime.js';
import { collectingLogger } from './logger.fixture.js';

/** A lifetime whose every step the test takes. */
function lifetime() {
  const starting = deferred<Booted>();
  const stopping = deferred<undefined>();
  const events = new EventEmitter();
  const log = collectingLogger();
  let stops = 0;
  let reloads = 0;
  const booted: Booted = {
    url: 'http://127.0.0.1:9000',
    reload: () => (reloads += 1),
    async stop() {
      stops += 1;
      await stopping.promise;
    },
  };
  const ended = untilStopped(starting.promise, events, log.logger);
  return {
    ...log,
    events,
    ended,
    stopCalls: () => stops,
    reloadCalls: () => reloads,
    started: () => starting.resolve(booted),
    notStarted: (error: Error) => starting.reject(error),
    stopped: () => stopping.resolve(undefined),
    notStopped: (error: Error) => stopping.reject(error),
  };
}

describe.each(['SIGINT', 'SIGTERM'])('%s', (signal) => {
  it('stops the node cleanly: exit code 0', async () => {
    const { started, events, stopped, stopCalls, ended, text } = lifetime();
    started();
    await settled();
    expect(text()).toEqual([]);
    events.emit(signal, signal);
    await settled();
    expect(stopCalls()).toBe(1);
    expect(text()).toEqual([`info ${signal}: stopping; a second signal ends the node at once`]);
    stopped();
    expect(await ended).toBe(0);
    expect(text().slice(1)).toEqual(['info Stopped']);
  });

  it('while the node starts stops it once it has started', async () => {
    const { started, events, stopped, stopCalls, ended } = lifetime();
    events.emit(signal);
    await settled();
    expect(stopCalls()).toBe(0);
    started();
    stopped();
    expect(await ended).toBe(0);
    expect(stopCalls()).toBe(1);
  });
});

describe('SIGHUP', () => {
  it('reloads the configuration, each time, and ends nothing', async () => {
    const { started, events, stopCalls, reloadCalls } = lifetime();
    started();
    events.emit('SIGHUP');
    events.emit('SIGHUP');
    await settled();
    expect([reloadCalls(), stopCalls()]).toEqual([2, 0]);
  });

  it('while the node starts reloads once it has started', async () => {
    const { started, events, reloadCalls } = lifetime();
    events.emit('SIGHUP');
    await settled();
    expect(reloadCalls()).toBe(0);
    started();
    await settled();
    expect(reloadCalls()).toBe(1);
  });

  it('is of no use to a node that stops', async () => {
    const { started, events, reloadCalls } = lifetime();
    started();
    events.emit('SIGTERM');
    events.emit('SIGHUP');
    await settled();
    expect(reloadCalls()).toBe(0);
  });
});

it.each([
  ['SIGINT', 'SIGINT', 130],
  ['SIGTERM', 'SIGINT', 130],
  ['SIGINT', 'SIGTERM', 143],
])('%s and then %s ends the node at once: exit code %d', async (first, second, code) => {
  const { started, events, stopCalls, ended, text } = lifetime();
  started();
  events.emit(first);
  await settled();
  events.emit(second);
  expect(await ended).toBe(code);
  expect(text().at(-1)).toBe(`warn ${second} again: ending at once with exit code ${code}`);
  expect(stopCalls()).toBe(1);
});

it('a second signal ends a node that never starts', async () => {
  const { events, ended } = lifetime();
  events.emit('SIGINT');
  events.emit('SIGINT');
  expect(await ended).toBe(130);
});

it('a start that fails is told in one line: exit code 1', async () => {
  const { notStarted, events, ended, lines } = lifetime();
  events.emit('SIGTERM');
  notStarted(new Failure('cannot listen'));
  expect(await ended).toBe(1);
  await settled();
  expect(lines.slice(1)).toEqual([{ level: 'error', message: 'cannot listen', fields: undefined }]);
});

describe('a defect ends the node with its stack: exit code 70', () => {
  const defect = new TypeError('x is undefined');
  const told = { level: 'error', message: 'Ended by a defect', fields: { error: defect } };

  it('that nobody caught', async () => {
    const { started, events, ended, lines } = lifetime();
    started();
    events.emit('uncaughtException', defect, 'unhandledRejection');
    expect(await ended).toBe(70);
    expect(lines).toEqual([told]);
  });

  it('in the start', async () => {
    const { notStarted, ended, lines } = lifetime();
    notStarted(defect);
    expect(await ended).toBe(70);
    expect(lines).toEqual([told]);
  });

  it('in the stop', async () => {
    const { started, events, notStopped, ended, lines } = lifetime();
    started();
    events.emit('SIGTERM');
    notStopped(defect);
    expect(await ended).toBe(70);
    expect(lines.at(-1)).toEqual(told);
  });

  it('even when it is no error', async () => {
    const { events, ended, lines } = lifetime();
    events.emit('uncaughtException', 'just a text');
    expect(await ended).toBe(70);
    expect(lines[0]?.fields?.error).toEqual(new Error('just a text'));
  });
});
