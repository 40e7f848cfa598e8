import type { PlantedBug } from '../planted-bug.js';

/** Of what a node stores, and what it tells clients. */
export const servingBugs: readonly PlantedBug[] = [
  {
    name: 'an answer before the disk',
    about: 'a write is acknowledged before it is stored',
    file: 'server/registry/service.js',
    search: 'await this.#options.committed();',
    replace: 'void this.#options.committed();',
    scenario: 'disks',
    seed: 1,
  },
  {
    name: 'what failed is not stored again',
    about: 'records of a commit that failed are left out of the next one',
    file: 'server/storage/group-commit.js',
    search: 'this.#putBack(batch);',
    replace: 'void batch;',
    scenario: 'disks',
    seed: 1,
  },
  {
    name: 'an old answer of discovery',
    about: 'a prepared answer outlives the change of its service',
    file: 'server/discovery/service.js',
    search: 'this.#cache.drop(namesOf(record).service_id);',
    replace: 'void record;',
    scenario: 'plain',
    seed: 3,
  },
  {
    name: 'a change that is told as new',
    about: 'watchers are told of an instance that they know as if it were new',
    file: 'server/registry/repository.js',
    search: "return content || before !== after ? 'change' : undefined;",
    replace: "return content || before !== after ? 'new' : undefined;",
    scenario: 'plain',
    seed: 3,
  },
  {
    name: 'a heartbeat of the unknown',
    about: 'a heartbeat is acknowledged though the key is unknown',
    file: 'server/registry/service.js',
    search: 'return `${path}: unknown instance "${parsed.data.instance_id}", register it again`;',
    replace: 'return undefined;',
    scenario: 'mayhem',
    seed: 4,
    nodes: 3,
  },
];
