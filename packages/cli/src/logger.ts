import type { Logger } from '@artemis/core';
import type { ArtemisConfig } from '@artemis/core/config';
import winston from 'winston';
import { wantsColours } from './colours.js';
import type { Host } from './host.js';
import type { LogEntry, LogLevel } from './log-format.js';
import { formatJson, formatText } from './log-format.js';

const levels: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

export interface LevelledLogger extends Logger {
  /** Entries of this level and above are written from here on. */
  setLevel(level: string): void;
}

/** A logger that writes to standard output, coloured when that is a terminal and `NO_COLOR` is not set. */
export function createLogger(settings: ArtemisConfig['logging'], { stdout, env }: Host): LevelledLogger {
  const colour = wantsColours(stdout, env);
  const format = settings.format === 'json' ? formatJson : (entry: LogEntry) => formatText(entry, colour);
  const logger = winston.createLogger({
    level: settings.level,
    format: winston.format.combine(
      winston.format.timestamp(),
      winston.format.printf((info) => format(info as unknown as LogEntry)),
    ),
    transports: [new winston.transports.Stream({ stream: stdout, eol: '\n' })],
  });
  const enabled = new Set<LogLevel>();
  const setLevel = (level: string): void => {
    logger.level = level;
    enabled.clear();
    for (const one of levels) if (logger.isLevelEnabled(one)) enabled.add(one);
  };
  setLevel(settings.level);
  const at = (level: LogLevel): Logger[LogLevel] => {
    return (message, fields = {}) => {
      // winston formats before it looks at the level; debug lines that nobody wants should cost nothing.
      if (enabled.has(level)) logger.log({ level, message, fields });
    };
  };
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug'), setLevel };
}
