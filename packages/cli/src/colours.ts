/** Colours for people at a terminal. */
import { styleText } from 'node:util';
import type { Host, Output } from './host.js';

type Style = Parameters<typeof styleText>[0];

/** Text in a style, or as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

/** Whether this output is a terminal, and `NO_COLOR` is not set. */
export function wantsColours(output: Output, env: Host['env']): boolean {
  return output.isTTY === true && (env.NO_COLOR ?? '') === '';
}

export function painter(coloured: boolean): Paint {
  // Whose output it is has been looked at already: it need not be that of this process.
  const always = { validateStream: false };
  return coloured ? (style, text) => styleText(style, text, always) : (_style, text) => text;
}
