/** What the commands for people have in common: which nodes they ask, how they print, how they end. */
import type { Options } from 'yargs';
import { defaultAddress } from './addresses.js';

export const nodeOptions = {
  addr: {
    type: 'string',
    description:
      'HOST:PORT or URL of a node, or a list with commas: the next is asked when one does not answer',
    defaultDescription: `ARTEMIS_ADDR, else ${defaultAddress}`,
  },
  json: { type: 'boolean', description: 'Print JSON' },
} as const satisfies Record<string, Options>;

export const nodeEnvironmentText = `Environment:
  ARTEMIS_ADDR  the nodes to ask where --addr is not given
  NO_COLOR      when not empty, nothing has colours`;

/** @param ok what 0 means @param failure what 1 means */
export function exitCodeText(ok: string, failure: string): string {
  return `Exit codes:
  0  ${ok}
  1  ${failure}
  2  the command line makes no sense
  3  no node answers, or none can answer now`;
}
