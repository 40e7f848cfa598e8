import type { PlantedBug } from '../planted-bug.js';

/** Of records, versions and the merge law. */
export const lawBugs: readonly PlantedBug[] = [
  {
    name: 'pull without push',
    about: 'local changes of records are not put into the outboxes',
    file: 'server/replication/manager.js',
    search: "this.#putAll(record.key, reason === 'moved' ? 'renewal' : 'record');",
    replace: "this.#putAll(record.key, 'renewal');",
    scenario: 'plain',
    seed: 1,
  },
];
