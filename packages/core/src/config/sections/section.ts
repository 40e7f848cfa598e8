import type { ConfigKey, ConfigValue } from '../keys.js';

/** A section of the configuration: what it is about, and its keys by their names in code. */
export interface ConfigSection {
  /** Name in the file when it is not the name in code: a nested section has dots. */
  readonly name?: string;
  readonly about: string;
  readonly keys: Readonly<Record<string, ConfigKey<ConfigValue | undefined>>>;
}
