import type { AliveRecord, Change } from '@artemis/core';
import type { SimNode } from '../sim-node.js';
import type { CheckerFactory } from './checker.js';

/** How often the slow watcher reads, in changes: it always lags behind, never so far that the log has forgotten. */
const readEvery = 7;

/**
 * A watcher knows a node by its change feed alone. What it sees follows from it without a gap: revisions one by one, `new`
 * only for what it does not see, `change` and `delete` only for what it does. One that reads the feed later gets the very
 * same changes. No two runs share a log id.
 */
export const watchers: CheckerFactory = ({ violate }) => {
  const logIds = new Map<string, string>();
  const logs = new Map<string, Watched>();
  /** By node and run. */
  const lastLogs = new Map<string, Watched>();

  const watched = (node: SimNode): Watched => {
    const { logId } = node.node.changes;
    const name = `${node.id} ${node.run}`;
    const owner = logIds.get(logId) ?? name;
    logIds.set(logId, name);
    if (owner !== name) violate(`the log ids of ${owner} and ${name} are the same: ${logId}`);
    // A node may begin a new log in the midst of its run: watchers read it in full, and go on from there.
    const known = logs.get(logId) ?? new Watched(lastLogs.get(name)?.seen ?? []);
    logs.set(logId, known);
    lastLogs.set(name, known);
    return known;
  };

  return {
    onChange(node, change) {
      const problem = watched(node).take(node, change);
      if (problem !== undefined) violate(`${node.id} r${change.revision}: ${problem}`, change.record.key);
    },
  };
};

/** What a watcher of one log sees, and what a slower one has read. */
class Watched {
  readonly #seen: Map<string, AliveRecord>;
  readonly #unread: Change[] = [];
  #revision = 0;
  #read = 0;

  constructor(seen: Iterable<readonly [string, AliveRecord]>) {
    this.#seen = new Map(seen);
  }

  get seen(): ReadonlyMap<string, AliveRecord> {
    return this.#seen;
  }

  /** Answers what is wrong. */
  take(node: SimNode, change: Change): string | undefined {
    const before = this.#revision;
    this.#revision = change.revision;
    if (before === 0) this.#read = change.revision - 1;
    if (before !== 0 && change.revision !== before + 1) return `it follows revision ${before}`;
    this.#unread.push(change);
    return (
      this.#see(change) ??
      (change.revision % readEvery === 0 ? this.#readLate(node, change.revision) : undefined)
    );
  }

  #see({ type, record }: Change): string | undefined {
    const isSeen = this.#seen.has(record.key);
    switch (type) {
      case 'new':
        if (isSeen) return 'new, and it was seen already';
        break;
      case 'change':
      case 'delete':
        if (!isSeen) return `${type}, and it was not seen before`;
        break;
      case undefined:
        return isSeen && record.state === 'removed' ? 'removed, and watchers are not told' : undefined;
    }
    if (type === 'delete') this.#seen.delete(record.key);
    else if (record.state === 'removed') return `${type}, and it is removed`;
    else this.#seen.set(record.key, record);
    return undefined;
  }

  /** Up to the change that is being told. */
  #readLate(node: SimNode, revision: number): string | undefined {
    const changes = node.node.changes.since(this.#read);
    if (changes === undefined) return `the log forgot what came after revision ${this.#read}`;
    const expected = this.#unread.splice(0);
    const same = changes.every((one, index) => one === expected[index]) && changes.length === expected.length;
    if (!same) return `the log tells another story after revision ${this.#read} than it told`;
    this.#read = revision;
    return undefined;
  }
}
