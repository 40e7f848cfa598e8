/** The configuration reference of the documentation, made from the schema so that it cannot lie. */
import type { ConfigKey, ConfigValue } from './keys.js';
import { configSchema } from './schema.js';
import type { ConfigSection } from './sections/section.js';

/** Markdown: for every section a heading, a sentence and a table of its keys. Ends with a line end. */
export function configReferenceMarkdown(): string {
  return Object.entries<ConfigSection>(configSchema)
    .map(([codeName, { name = codeName, about, keys }]) =>
      [
        `### \`[${name}]\``,
        '',
        about,
        '',
        '| key | default | meaning | value |',
        '| --- | --- | --- | --- |',
        ...Object.values<ConfigKey<ConfigValue | undefined>>(keys).map(row),
        '',
      ].join('\n'),
    )
    .join('\n');
}

function row(key: ConfigKey<ConfigValue | undefined>): string {
  const value = key.defaultAbout ?? `\`${JSON.stringify(key.default)}\``;
  return `| \`${key.name}\` | ${cell(value)} | ${cell(key.about)} | ${cell(key.expected)} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
