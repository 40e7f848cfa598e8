import type { LogFields, Logger } from '@artemis/core';

export interface CollectedLine {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

export function collectingLogger(): { logger: Logger; lines: CollectedLine[]; text: () => string[] } {
  const lines: CollectedLine[] = [];
  const at = (level: keyof Logger) => (message: string, fields?: LogFields) =>
    void lines.push({ level, message, fields });
  const logger = { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
  return { logger, lines, text: () => lines.map(({ level, message }) => `${level} ${message}`) };
}
