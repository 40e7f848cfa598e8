import { writeFileSync } from 'node:fs';

type Value = string | number | boolean | readonly string[];

/** Sections of a configuration file, with their keys as documented. */
export type Settings = Readonly<Record<string, Readonly<Record<string, Value>>>>;

/** Writes a configuration file. A later group of settings wins over an earlier one, key by key. */
export function writeConfig(file: string, ...groups: readonly Settings[]): void {
  const sections: Record<string, Record<string, Value>> = {};
  for (const group of groups) {
    for (const [section, keys] of Object.entries(group))
      sections[section] = { ...sections[section], ...keys };
  }
  const text = Object.entries(sections).map(([section, keys]) => {
    // Texts, numbers, truth values and lists of texts look the same in JSON and TOML.
    const lines = Object.entries(keys).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
    return `[${section}]\n${lines.join('')}`;
  });
  writeFileSync(file, text.join('\n'));
}
