import { ArtemisError } from '@artemis/core';

/** Deeper bodies are refused: what is parsed with ease can be too deep to be written again. */
const maxDepth = 100;

/** Parses a text from outside. Throws `malformed`, with the position where it is known. */
export function parseJson(source: string): unknown {
  const json = source.startsWith('\uFEFF') ? source.slice(1) : source;
  // Each level takes two characters at least: one that opens it, and one that closes it.
  const canBeDeeper = json.length > 2 * maxDepth;
  if (json.trim() === '') throw new ArtemisError('malformed', 'malformed JSON: the body is empty');
  if (canBeDeeper && isDeeperThan(json, maxDepth)) {
    throw new ArtemisError('malformed', `malformed JSON: nested deeper than ${maxDepth} levels`);
  }
  try {
    return JSON.parse(json) as unknown;
  } catch (error) {
    throw new ArtemisError('malformed', `malformed JSON: ${complaint(error, json)}`);
  }
}

/** The engine names the position of most faults, but not that of a missing end. */
function complaint(error: unknown, json: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.includes('end of JSON input') ? `${message} at position ${json.length}` : message;
}

/**
 * Counts brackets outside of texts. Compares numbers only, and leaves texts, which are most of a body, to the engine: it
 * goes through all of every body, and character by character that would take nearly as long as to parse it.
 */
function isDeeperThan(json: string, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === quote) at = endOfText(json, at + 1);
    else if (code === openBracket || code === openBrace) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === closeBracket || code === closeBrace) depth -= 1;
  }
  return false;
}

/** Where the quote is that ends a text; past everything when there is none. */
function endOfText(json: string, start: number): number {
  let end = json.indexOf('"', start);
  while (end >= 0 && isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end < 0 ? json.length : end;
}

/** Whether the backslashes before a quote leave one for it. */
function isEscaped(json: string, at: number): boolean {
  let before = at;
  while (json.charCodeAt(before - 1) === backslash) before -= 1;
  return (at - before) % 2 === 1;
}

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
