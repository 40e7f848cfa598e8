import { describe, expect, it } from '@jest/globals';
import { fakeHost } from './host.fixture.js';
import { createLogger } from './logger.js';

describe('createLogger', () => {
  it('writes lines for people', () => {
    const host = fakeHost();
    createLogger({ level: 'info', format: 'text' }, host).info('Adding peer node: a:1 at http://a:1', {
      since: 'now',
    });
    expect(host.stdout.text).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info {2}Adding peer node: a:1 at http:\/\/a:1 since=now\n$/,
    );
  });

  it('writes lines for machines', () => {
    const host = fakeHost();
    createLogger({ level: 'info', format: 'json' }, host).warn('Hello', { message: 'field', count: 2 });
    expect(host.stdout.lines).toHaveLength(1);
    expect(JSON.parse(host.stdout.text)).toEqual({
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      level: 'warn',
      message: 'Hello',
      count: 2,
    });
  });

  it.each([
    ['error', ['error']],
    ['warn', ['error', 'warn']],
    ['info', ['error', 'warn', 'info']],
    ['debug', ['error', 'warn', 'info', 'debug']],
  ] as const)('at level %s writes %j', (level, expected) => {
    const host = fakeHost();
    const logger = createLogger({ level, format: 'json' }, host);
    for (const method of ['error', 'warn', 'info', 'debug'] as const) logger[method]('Hello');
    const written = host.stdout.lines.map((line) => (JSON.parse(line) as { level: string }).level);
    expect(written).toEqual(expected);
  });

  it('follows a change of the level', () => {
    const host = fakeHost();
    const logger = createLogger({ level: 'info', format: 'json' }, host);
    logger.debug('one');
    logger.setLevel('debug');
    logger.debug('two');
    logger.setLevel('error');
    logger.info('three');
    expect(host.stdout.lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual([
      'two',
    ]);
  });

  it.each([
    ['a terminal', true, {}, true],
    ['a terminal, NO_COLOR empty', true, { NO_COLOR: '' }, true],
    ['a terminal, NO_COLOR set', true, { NO_COLOR: '1' }, false],
    ['a file', false, {}, false],
  ])('on %s', (_what, isTTY, env, coloured) => {
    const host = fakeHost(env);
    host.stdout.isTTY = isTTY;
    createLogger({ level: 'info', format: 'text' }, host).info('Hello');
    expect(host.stdout.text.includes('\x1b[')).toBe(coloured);
  });

  it('never colours JSON', () => {
    const host = fakeHost();
    host.stdout.isTTY = true;
    createLogger({ level: 'info', format: 'json' }, host).info('Hello');
    expect(host.stdout.text).not.toContain('\x1b');
  });

  it('costs a format only when a line is written', () => {
    const host = fakeHost();
    const untouchable = {
      get field(): string {
        throw new Error('read');
      },
    };
    createLogger({ level: 'info', format: 'json' }, host).debug('Hello', untouchable);
    expect(host.stdout.text).toBe('');
  });
});
