/** The effective configuration for people: what `artemis check-config` prints and `/api/status/config.json` answers. */
import type { LoadedConfig } from './load.js';
import type { ConfigSource } from './problems.js';
import type { ConfigResponse } from '../models/node.js';

/** One key: `server.listen_addr`, its value in the documented unit, and where that came from. */
export type ConfigRow = ConfigResponse['config'][number];

/** All keys in the order of the schema. A secret is shown as `***`; a key without a value has `null`. */
export function describeConfig({ settings }: Pick<LoadedConfig, 'settings'>): ConfigRow[] {
  return settings.map(({ key, value, source }) => ({
    key: key.path,
    value: value === undefined ? null : key.secret ? '***' : value,
    source: sourceText(source),
  }));
}

function sourceText(source: ConfigSource): string {
  switch (source.from) {
    case 'file':
      return source.line === undefined ? source.file : `${source.file}:${source.line}`;
    case 'environment':
      return source.variable;
    case 'default':
    case 'flag':
    case 'program':
      return source.from;
  }
}
