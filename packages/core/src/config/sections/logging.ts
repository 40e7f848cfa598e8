import { choice } from '../keys.js';
import type { ConfigSection } from './section.js';

export const logging = {
  about: 'The log, written to standard output.',
  keys: {
    level: choice(
      'level',
      'info',
      ['error', 'warn', 'info', 'debug'],
      'The least important messages that are written.',
    ),
    format: choice('format', 'text', ['text', 'json'], 'text for people, json for machines.'),
  },
} as const satisfies ConfigSection;
