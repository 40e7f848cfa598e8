import { painter, wantsColours, type Paint } from '../colours.js';
import type { Host } from '../host.js';

/** How standard output is written for people. */
export interface Screen {
  readonly paint: Paint;
  /** Width of the terminal; `Infinity` where there is none, so that nothing is cut off for a program. */
  readonly columns: number;
}

export function screenOf({ stdout, env }: Host): Screen {
  return {
    paint: painter(wantsColours(stdout, env)),
    columns: stdout.isTTY === true ? (stdout.columns ?? Infinity) : Infinity,
  };
}
