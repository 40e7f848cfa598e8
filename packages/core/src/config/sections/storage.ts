import { choice, text } from '../keys.js';
import { directoryRule } from '../rules.js';
import type { ConfigSection } from './section.js';

export const storage = {
  about: 'Where the table outlives the process.',
  keys: {
    engine: choice(
      'engine',
      'lmdb',
      ['lmdb', 'memory'],
      'lmdb keeps the table on disk; memory forgets it with the process.',
    ),
    dataDir: text(
      'data_dir',
      './data',
      directoryRule,
      'Directory of the store, of one node alone; made when it is missing.',
    ),
    durability: choice(
      'durability',
      'process',
      ['process', 'disk'],
      'When a change is answered: process survives the end of the process and is on disk within 100 ms, disk waits for the disk.',
    ),
  },
} as const satisfies ConfigSection;
