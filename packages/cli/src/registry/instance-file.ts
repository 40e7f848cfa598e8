/** Instances from a file of JSON, or from standard input. */
import { readFileSync } from 'node:fs';
import { escapeControls } from '../escape-controls.js';
import { reasonNotRead } from '../configuration.js';
import { Failure } from '../failure.js';
import type { Host } from '../host.js';
import type { GivenFields } from './instance-words.js';

export interface FileInstance {
  readonly fields: GivenFields;
  /** `instances[2]`, `[2]`, or '' for a file of one. */
  readonly place: string;
}

/**
 * The instances of a file: one, a list of them, or a body of `register.json`.
 *
 * @param file path, or `-` for standard input
 * @throws Failure when it cannot be read, or holds none
 */
export async function readInstances(file: string, stdin: Host['stdin']): Promise<FileInstance[]> {
  const name = fileName(file);
  const value = parse(await readText(file, stdin), name);
  const [list, base] =
    isObject(value) && Array.isArray(value['instances']) ? [value['instances'], 'instances'] : [value, ''];
  const items: readonly unknown[] = Array.isArray(list) ? list : [list];
  if (items.length === 0) throw new Failure(`${name}: there is no instance in it`);
  return items.map((fields, index) => {
    const place = Array.isArray(list) ? `${base}[${index}]` : base;
    if (isObject(fields)) return { fields, place };
    throw new Failure(
      `${name}: ${place === '' ? '' : `${place}: `}expected an instance, a list of them, or { "instances": [...] }`,
    );
  });
}

export function fileName(file: string): string {
  return file === '-' ? 'standard input' : escapeControls(file);
}

function isObject(value: unknown): value is GivenFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function readText(file: string, stdin: Host['stdin']): Promise<string> {
  try {
    const bytes = file === '-' ? await readAll(stdin) : readFileSync(file);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Failure(`cannot read ${fileName(file)}: ${reasonNotRead(error)}`);
  }
}

async function readAll(stdin: Host['stdin']): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks);
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failure(`${name} is no JSON: ${escapeControls((error as Error).message)}`);
  }
}
