import type { LogFields, Logger } from '@artemis/core';
import type { LevelledLogger } from './logger.js';

export interface CollectedLine {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

export function collectingLogger(): {
  logger: LevelledLogger;
  levels: string[];
  lines: CollectedLine[];
  text: () => string[];
} {
  const lines: CollectedLine[] = [];
  const levels: string[] = [];
  const setLevel = (level: string) => void levels.push(level);
  const at = (level: keyof Logger) => (message: string, fields?: LogFields) =>
    void lines.push({ level, message, fields });
  const logger = { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug'), setLevel };
  return { logger, levels, lines, text: () => lines.map(({ level, message }) => `${level} ${message}`) };
}
