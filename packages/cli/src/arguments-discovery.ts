/** Reads the options of the commands that look into the registry. */
import { nodeUrls } from './addresses.js';
import { instanceWords } from './arguments-registry.js';
import type { ExplainOptions } from './commands/explain.js';
import type { InstancesOptions } from './commands/instances.js';
import type { ServicesOptions } from './commands/services.js';
import * as help from './help-discovery.js';
import type { Host } from './host.js';
import { refuseUnknown, valueOf, type Read } from './usage.js';

export function parseServices(read: Read, env: Host['env']): ServicesOptions {
  const command = 'services';
  refuseUnknown(command, read, Object.keys(help.servicesOptions));
  const prefix = valueOf('prefix', read['prefix'], command);
  return { ...questionOf(read, env, command), prefix };
}

export function parseInstances(read: Read, env: Host['env']): InstancesOptions {
  const command = 'instances';
  refuseUnknown(command, read, ['SERVICE', ...Object.keys(help.instancesOptions)]);
  return {
    ...questionOf(read, env, command),
    service: String(read['SERVICE']),
    all: read['all'] === true,
  };
}

export function parseExplain(read: Read, env: Host['env']): ExplainOptions {
  const command = 'explain';
  refuseUnknown(command, read, ['SERVICE', 'INSTANCE', ...Object.keys(help.explainOptions)]);
  return { ...questionOf(read, env, command), ...instanceWords(read, command) };
}

function questionOf(read: Read, env: Host['env'], command: string) {
  return {
    urls: nodeUrls(read, env, command),
    region: valueOf('region', read['region'], command),
    zone: valueOf('zone', read['zone'], command),
    json: read['json'] === true,
  };
}
