import type { RegistryRecord } from '@artemis/core';
import { tableAt } from '../registry/registry.fixture.js';
import { TableDigest } from './digest.js';

/** A table with these records and its digest, which follows what changes. */
export function tableOf(records: readonly RegistryRecord[]) {
  const { log, repository } = tableAt();
  const digest = new TableDigest(repository.slots);
  log.subscribe((change) => digest.onChange(change));
  for (const record of records) repository.apply(record, { origin: 'peer' });
  return { repository, digest, log };
}
