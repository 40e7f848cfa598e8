/** `@artemis/core/config`: the configuration of a node. Not for browsers. */
export { formatHostPort, isWildcardHost, parseHostPort, parsePeer } from './address.js';
export type { HostPort, PeerAddress } from './address.js';
export { describeConfig } from './describe.js';
export type { ConfigRow } from './describe.js';
export type { ConfigKey, ConfigValue } from './keys.js';
export { defaultConfig, loadConfig } from './load.js';
export type { ConfigInput, ConfigOverrides, LoadedConfig, Setting } from './load.js';
export { ConfigError } from './problems.js';
export type { ConfigProblem, ConfigSource } from './problems.js';
export { configReferenceMarkdown } from './reference.js';
export { configKeys } from './schema.js';
export type { ArtemisConfig, SchemaKey } from './schema.js';
export { nearest } from './suggest.js';
