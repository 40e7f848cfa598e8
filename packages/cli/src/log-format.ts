/** One entry of the log as text for people or as JSON for machines. */
import type { LogFields } from '@artemis/core';
import { escapeControls } from './escape-controls.js';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export interface LogEntry {
  /** RFC 3339, UTC. */
  readonly timestamp: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

const colours = { error: 31, warn: 33, info: 32, debug: 36 } as const satisfies Record<LogLevel, number>;
const dim = 2;
const longestLevel = 5;

/**
 * `2026-01-31T12:00:00.000Z info  Message key=value`: one line, whatever the message and the fields hold. Only the
 * stacks of an entry at level error follow below it, indented.
 */
export function formatText({ timestamp, level, message, fields }: LogEntry, colour: boolean): string {
  const paint = (code: number, text: string) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const line = [
    paint(dim, timestamp),
    paint(colours[level], level.padEnd(longestLevel)),
    escapeControls(message),
    ...given.map(([key, value]) => paint(dim, `${key}=`) + textValue(value)),
  ].join(' ');
  const stacks = given.flatMap(([, value]) => (level === 'error' && value instanceof Error ? [value] : []));
  const below = stacks.flatMap((error) => stackOf(error).split('\n'));
  return [line, ...below.map((text) => `    ${escapeControls(text)}`)].join('\n');
}

/** One object: timestamp, level and message, then the fields beside them, which cannot replace those three. */
export function formatJson({ timestamp, level, message, fields }: LogEntry): string {
  const head = { timestamp, level, message };
  // Errors first: some bring a toJSON of their own that tells far too much.
  const plain = Object.entries(fields).map(([key, value]) => [key, plainError(value)] as const);
  return JSON.stringify({ ...head, ...Object.fromEntries(plain), ...head }, plainNumber);
}

/** As it stands when that reads well, else in quotes. */
function textValue(value: unknown): string {
  if (value instanceof Error) return quoted(value.message);
  if (typeof value === 'string') return /^[^\s"=\p{C}]+$/u.test(value) ? value : quoted(value);
  return escapeControls(JSON.stringify(value, plainNumber) ?? String(value));
}

function quoted(text: string): string {
  return escapeControls(JSON.stringify(text));
}

function plainError(value: unknown): unknown {
  return value instanceof Error ? { name: value.name, message: value.message, stack: stackOf(value) } : value;
}

function plainNumber(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

/** The stack of an error and of those that caused it. */
function stackOf(error: Error, causes = 5): string {
  const own = error.stack ?? String(error);
  if (!(error.cause instanceof Error) || causes === 0) return own;
  return `${own}\nCaused by: ${stackOf(error.cause, causes - 1)}`;
}
