/** Reads the options of `artemis register` and `artemis unregister`. */
import { nodeUrls } from './addresses.js';
import type { RegisterOptions } from './commands/register.js';
import type { UnregisterOptions } from './commands/unregister.js';
import { registerOptions, unregisterOptions } from './help-registry.js';
import type { Host } from './host.js';
import { fieldOptions, type GivenFields } from './registry/instance-words.js';
import { integerOf, refuseUnknown, usageFailure, valueOf, valuesOf, type Read } from './usage.js';

export function parseRegister(read: Read, env: Host['env']): RegisterOptions {
  const command = 'register';
  refuseUnknown(command, read, Object.keys(registerOptions));
  const file = valueOf('file', read['file'], command);
  const flags = instanceFlags(read, command);
  if (file === undefined) requireFields(flags, command);
  return { urls: nodeUrls(read, env, command), flags, file, json: read['json'] === true };
}

export function parseUnregister(read: Read, env: Host['env']): UnregisterOptions {
  const command = 'unregister';
  refuseUnknown(command, read, ['SERVICE', 'INSTANCE', ...Object.keys(unregisterOptions)]);
  return { urls: nodeUrls(read, env, command), ...instanceWords(read, command), json: read['json'] === true };
}

/** The words and options that name instances. */
export function instanceWords(read: Read, command: string) {
  const text = (option: string) => valueOf(option, read[option], command);
  const instances = (read['INSTANCE'] as readonly unknown[]).map(String);
  return {
    service: String(read['SERVICE']),
    instances: [...new Set(instances)],
    region: text('region'),
    zone: text('zone'),
    group: text('group'),
  };
}

/** What the options say of an instance, by the names of the wire. */
export function instanceFlags(read: Read, command: string): GivenFields {
  const fields = Object.entries(fieldOptions).flatMap(([field, option]): [string, unknown][] => {
    const value = fieldValue(option, read, command);
    return value === undefined ? [] : [[field, value]];
  });
  return Object.fromEntries(fields);
}

function fieldValue(option: string, read: Read, command: string): unknown {
  switch (option) {
    case 'port':
      return integerOf(option, read, { command, least: 0, most: 65_535 });
    case 'lease-ttl':
      return integerOf(option, read, { command, least: 1, most: 1500 });
    case 'metadata':
      return metadataOf(valuesOf(option, read[option], command), command);
    default:
      return valueOf(option, read[option], command);
  }
}

function metadataOf(texts: readonly string[], command: string): Record<string, string> | undefined {
  if (texts.length === 0) return undefined;
  const entries = texts.map((text): [string, string] => {
    const at = text.indexOf('=');
    if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
    throw usageFailure(`--metadata is ${JSON.stringify(text)}, expected NAME=VALUE`, command);
  });
  return Object.fromEntries(entries);
}

/** Without these nothing can stand in for the rest. */
export function requireFields(flags: GivenFields, command: string): void {
  const missing = (['service_id', 'port'] as const).find((field) => !(field in flags));
  if (missing !== undefined) throw usageFailure(`--${fieldOptions[missing]} is missing`, command);
}
