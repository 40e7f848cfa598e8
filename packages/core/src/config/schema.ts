/**
 * Every key of the configuration: the one table from which the type, the defaults, the names in file, environment and
 * code, the checks, the reference and the test of `artemis.example.toml` come. The file says `timeout_secs`, code says
 * `timeoutMs`: durations are milliseconds in code, whatever their documented unit.
 */
import type { ConfigKey, ConfigValue } from './keys.js';
import { cache } from './sections/cache.js';
import { cluster } from './sections/cluster.js';
import { health } from './sections/health.js';
import { lease } from './sections/lease.js';
import { logging } from './sections/logging.js';
import { push } from './sections/push.js';
import { ratelimit } from './sections/ratelimit.js';
import { replication } from './sections/replication.js';
import { selfPreservation } from './sections/self-preservation.js';
import { server } from './sections/server.js';
import { storage } from './sections/storage.js';
import type { ConfigSection } from './sections/section.js';

export const configSchema = {
  server,
  cluster,
  replication,
  lease,
  selfPreservation,
  cache,
  ratelimit,
  push,
  health,
  storage,
  logging,
} as const;

type Schema = typeof configSchema;
type Values<Keys> = {
  readonly [Name in keyof Keys]: Keys[Name] extends ConfigKey<infer Value> ? Value : never;
};

/** The configuration as code uses it, complete and checked. Durations are milliseconds. */
export type ArtemisConfig = { readonly [Section in keyof Schema]: Values<Schema[Section]['keys']> };

/** A key with its place in the table. */
export interface SchemaKey extends ConfigKey<ConfigValue | undefined> {
  /** `lease.self_preservation` */
  readonly section: string;
  /** `selfPreservation` */
  readonly codeSection: string;
  /** `nodeId` */
  readonly codeName: string;
  /** `server.node_id` */
  readonly path: string;
  /** `ARTEMIS_SERVER_NODE_ID` */
  readonly variable: string;
}

/** All keys in the order of the table. */
export const configKeys: readonly SchemaKey[] = Object.entries<ConfigSection>(configSchema).flatMap(
  ([codeSection, { name: section = codeSection, keys }]) =>
    Object.entries(keys).map(([codeName, key]) => ({
      ...key,
      section,
      codeSection,
      codeName,
      path: `${section}.${key.name}`,
      variable: `ARTEMIS_${section}_${key.name}`.replaceAll('.', '_').toUpperCase(),
    })),
);
