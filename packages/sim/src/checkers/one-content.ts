import type { RegistryRecord } from '@artemis/core';
import { isCoherent } from '@artemis/core';
import { versionText } from '../node-table.js';
import type { CheckerFactory } from './checker.js';

/** Never two contents under one version, nor two instances in the rounds of one registration, anywhere. */
export const oneContent: CheckerFactory = ({ violate }) => {
  const contents = new Map<string, string>();
  const check = (name: string, content: string, what: string, key: string): void => {
    const known = contents.get(name);
    if (known === undefined) contents.set(name, content);
    else if (known !== content) violate(`${what} is both ${known} and ${content}`, key);
  };
  return {
    onChange({ id }, { record }) {
      const { key, version, instance } = record;
      if (!isCoherent(record)) violate(`${id} holds a record that contradicts itself`, key);
      const text = versionText(version);
      check(`${key} ${text}`, contentOf(record), `version ${text}`, key);
      if (instance === undefined) return;
      const { stamp, origin } = version;
      check(`${key} ${stamp}@${origin}`, sortedJson(instance), `the registration ${stamp}@${origin}`, key);
    },
  };
};

function contentOf(record: RegistryRecord): string {
  const { state, instance, leaseTtlMs } = record;
  return `${state === 'removed' ? record.reason : state} ${leaseTtlMs} ${sortedJson(instance ?? {})}`;
}

function sortedJson(instance: object): string {
  return JSON.stringify(Object.entries(instance).sort(([a], [b]) => (a < b ? -1 : 1)));
}
