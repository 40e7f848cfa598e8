/** What each source of configuration gives: values that belong to known keys, and complaints about everything else. */
import type { ConfigProblem, ConfigSource } from './problems.js';
import { show } from './problems.js';
import type { SchemaKey } from './schema.js';
import { configKeys } from './schema.js';
import { unknownCodeKey, unknownCodeSection, unknownKey } from './suggest.js';

/** One value, not checked yet. */
export interface Given {
  readonly key: SchemaKey;
  /** In the documented unit, or in the unit of the code when a program gave it. */
  readonly value: unknown;
  readonly source: ConfigSource;
  /** Where an item of a list stands, when that is known better than by `source`. */
  readonly itemSource?: (index: number) => ConfigSource;
}

export interface Layer {
  readonly given: readonly Given[];
  readonly problems: readonly ConfigProblem[];
}

/**
 * The variables `ARTEMIS_<SECTION>_<KEY>` of existing keys. All others are left alone, whatever their names: container
 * platforms inject variables such as `ARTEMIS_SERVER_PORT`.
 */
export function environmentLayer(env: Readonly<Record<string, string | undefined>>): Layer {
  const given = configKeys.flatMap((key): Given[] => {
    const text = env[key.variable];
    if (text === undefined) return [];
    return [{ key, value: key.fromText(text), source: { from: 'environment', variable: key.variable } }];
  });
  return { given, problems: [] };
}

/** Values of the command line by path (`server.listen_addr`): texts are read as in the environment. */
export function flagLayer(flags: Readonly<Record<string, unknown>>): Layer {
  const source: ConfigSource = { from: 'flag' };
  const given: Given[] = [];
  const problems: ConfigProblem[] = [];
  for (const [path, value] of Object.entries(flags)) {
    if (value === undefined) continue;
    const key = configKeys.find((candidate) => candidate.path === path);
    if (key === undefined) {
      const dot = path.lastIndexOf('.');
      const [section, name] = [path.slice(0, Math.max(0, dot)), path.slice(dot + 1)];
      problems.push({ source, subject: `[${section}] ${name}`, message: unknownKey(section, name) });
    } else {
      given.push({ key, value: typeof value === 'string' ? key.fromText(value) : value, source });
    }
  }
  return { given, problems };
}

/** Values that a program gives by the names and in the units of the code (`lease.ttlMs`). */
export function programLayer(overrides: Readonly<Record<string, unknown>>): Layer {
  const source: ConfigSource = { from: 'program' };
  const given: Given[] = [];
  const problems: ConfigProblem[] = [];
  for (const [section, values] of Object.entries(overrides)) {
    if (values === undefined) continue;
    const keys = configKeys.filter((key) => key.codeSection === section);
    const refuse = (subject: string, message: string) => problems.push({ source, subject, message });
    if (keys.length === 0) refuse(section, unknownCodeSection(section));
    else if (typeof values !== 'object' || values === null || Array.isArray(values))
      refuse(section, `is ${show(values)}, expected an object with keys such as ${keys[0]?.codeName}`);
    else {
      for (const [codeName, value] of Object.entries<unknown>({ ...values })) {
        const key = keys.find((known) => known.codeName === codeName);
        if (value === undefined) continue;
        if (key === undefined) refuse(`${section}.${codeName}`, unknownCodeKey(section, codeName));
        else given.push({ key, value, source });
      }
    }
  }
  return { given, problems };
}
