/** Puts the sources of configuration together and checks the result: all problems at once, or none. */
import { formatHostPort, isWildcardHost, parseHostPort } from './address.js';
import type { ConfigValue } from './keys.js';
import type { Given, Layer } from './layers.js';
import { environmentLayer, flagLayer, programLayer } from './layers.js';
import { fileLayer } from './parse.js';
import type { ConfigProblem, ConfigSource } from './problems.js';
import { ConfigError } from './problems.js';
import { relations } from './relations.js';
import type { ArtemisConfig, SchemaKey } from './schema.js';
import { configKeys } from './schema.js';

/** Values given by a program, in the names and units of {@link ArtemisConfig}. */
export type ConfigOverrides = {
  readonly [Section in keyof ArtemisConfig]?: Partial<ArtemisConfig[Section]>;
};

/** The sources of a configuration, the weakest first. */
export interface ConfigInput {
  /** The TOML text; absent when there is no file. */
  readonly text?: string | undefined;
  /** Name of the file for messages. Default: `configuration`. */
  readonly file?: string | undefined;
  /** Environment variables; only `ARTEMIS_<SECTION>_<KEY>` of existing keys are read. Lists are comma-separated. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Values of the command line by path, such as `server.listen_addr`; `undefined` is a flag not given. */
  readonly flags?: Readonly<Record<string, unknown>> | undefined;
  /** Values of an embedding program. */
  readonly overrides?: ConfigOverrides | undefined;
  /** Name of this machine, from which `node_id` and `advertise_addr` are made when nothing gives them. */
  readonly hostName: string;
}

/** The effective value of one key. */
export interface Setting {
  readonly key: SchemaKey;
  /** In the documented unit; `undefined` when the key has no value. */
  readonly value: ConfigValue | undefined;
  readonly source: ConfigSource;
}

export interface LoadedConfig {
  readonly config: ArtemisConfig;
  /** Every key in the order of the schema, with where its value came from. */
  readonly settings: readonly Setting[];
}

/**
 * Reads the configuration: defaults, then the file, then the environment, then flags, then the program's own values.
 * @throws ConfigError with every problem of every source: text that is no TOML, an unknown key, a wrong value (even one
 * that a stronger source replaces), a broken relation
 */
export function loadConfig(input: ConfigInput): LoadedConfig {
  const layers: readonly Layer[] = [
    fileLayer(input.text ?? '', input.file ?? 'configuration'),
    environmentLayer(input.env ?? {}),
    flagLayer(input.flags ?? {}),
    programLayer(input.overrides ?? {}),
  ];
  const given = layers.flatMap((layer) => layer.given);
  const faults = given.flatMap((one) => checkGiven(one).map((problem) => ({ key: one.key, problem })));
  const faulty = new Set(faults.map(({ key }) => key.path));
  const settings = settle(
    given.filter(({ key }) => !faulty.has(key.path)),
    input.hostName,
  );
  const config = toConfig(settings);
  const problems = [
    ...layers.flatMap((layer) => layer.problems),
    ...faults.map(({ problem }) => problem),
    ...badDefaults(settings),
    ...brokenRelations(config, settings, faulty),
  ];
  if (problems.length > 0) throw new ConfigError(problems.toSorted((a, b) => lineOf(a) - lineOf(b)));
  return { config, settings };
}

/**
 * A complete configuration for embedding and tests: the defaults, and on top what the program wants otherwise. The host
 * name is `localhost`.
 * @throws ConfigError as {@link loadConfig} does
 */
export function defaultConfig(overrides: ConfigOverrides = {}): ArtemisConfig {
  return loadConfig({ overrides, hostName: 'localhost' }).config;
}

/** Problems of the file come first, from its top to its end. */
function lineOf({ source }: ConfigProblem): number {
  return (source.from === 'file' ? source.line : undefined) ?? Number.MAX_SAFE_INTEGER;
}

function checkGiven({ key, value, source, itemSource }: Given): ConfigProblem[] {
  const byProgram = source.from === 'program';
  const name = byProgram ? `${key.codeSection}.${key.codeName}` : subjectOf(key);
  return key
    .check(value, byProgram ? key.scale : 1)
    .map(({ message, index }) =>
      index === undefined
        ? { source, subject: name, message }
        : { source: itemSource?.(index) ?? source, subject: `${name}[${index}]`, message },
    );
}

function subjectOf(key: SchemaKey): string {
  return `[${key.section}] ${key.name}`;
}

/** The strongest value of each key, or its default. */
function settle(given: readonly Given[], hostName: string): Setting[] {
  const strongest = new Map(given.map((one) => [one.key.path, one]));
  const settings = configKeys.map((key): Setting => {
    const one = strongest.get(key.path);
    if (one === undefined) return { key, value: key.default, source: { from: 'default' } };
    const value = one.value as ConfigValue;
    const documented = one.source.from === 'program' && typeof value === 'number' ? value / key.scale : value;
    return { key, value: documented, source: one.source };
  });
  return withComputedDefaults(settings, hostName);
}

function withComputedDefaults(settings: readonly Setting[], hostName: string): Setting[] {
  const listening = settings.find(({ key }) => key.path === 'server.listen_addr')?.value;
  const listen = parseHostPort(String(listening)) ?? { host: hostName, port: 0 };
  const here = `${hostName}:${listen.port}`;
  const defaults: Readonly<Record<string, string>> = {
    'server.node_id': here,
    'server.advertise_addr': isWildcardHost(listen.host) ? here : formatHostPort(listen),
  };
  return settings.map((setting) => ({ ...setting, value: setting.value ?? defaults[setting.key.path] }));
}

/** A default made from a strange host name may not do. */
function badDefaults(settings: readonly Setting[]): ConfigProblem[] {
  return settings
    .filter(({ value, source }) => source.from === 'default' && value !== undefined)
    .flatMap(({ key, value, source }) =>
      key.check(value).map(({ message }) => ({
        source,
        subject: subjectOf(key),
        message: `the default ${message}: set it`,
      })),
    );
}

/** The one place where documented units become units of the code. */
function toConfig(settings: readonly Setting[]): ArtemisConfig {
  const sections: Record<string, Record<string, unknown>> = {};
  for (const { key, value } of settings) {
    const section = (sections[key.codeSection] ??= {});
    section[key.codeName] =
      typeof value === 'number' && key.scale !== 1 ? Math.round(value * key.scale) : value;
  }
  // The schema that gives the type also gave the keys and has checked the values.
  return sections as unknown as ArtemisConfig;
}

/** Relations between good values: one that is missing for a fault of its own would only add noise. */
function brokenRelations(
  config: ArtemisConfig,
  settings: readonly Setting[],
  faulty: ReadonlySet<string>,
): ConfigProblem[] {
  return relations
    .filter((relation) => !relation.keys.some((path) => faulty.has(path)))
    .flatMap((relation) => {
      const message = relation.broken(config);
      if (message === undefined) return [];
      const involved = relation.keys.flatMap((path) => settings.filter(({ key }) => key.path === path));
      const blamed = involved.find(({ source }) => source.from !== 'default') ?? involved[0];
      return blamed === undefined ? [] : [{ source: blamed.source, subject: subjectOf(blamed.key), message }];
    });
}
