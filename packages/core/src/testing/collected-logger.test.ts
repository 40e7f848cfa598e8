import { describe, expect, it } from '@jest/globals';
import { CollectedLogger } from './collected-logger.js';

describe('the collected log', () => {
  it('holds lines with level, message and fields', () => {
    const logger = new CollectedLogger();
    logger.info('started', { port: 8080 });
    logger.warn('slow');
    logger.error('broken');
    logger.debug('detail');
    expect(logger.lines[0]).toEqual({ level: 'info', message: 'started', fields: { port: 8080 } });
    expect(logger.text()).toBe('info started {"port":8080}\nwarn slow\nerror broken\ndebug detail');
    expect(logger.text('warn')).toBe('warn slow');
  });

  it('drops the oldest lines rather than grow for ever', () => {
    const logger = new CollectedLogger(10);
    for (let index = 0; index < 1000; index += 1) logger.info(`line ${index}`);
    expect(logger.lines.length).toBeLessThanOrEqual(20);
    expect(logger.lines.at(-1)?.message).toBe('line 999');
  });
});
