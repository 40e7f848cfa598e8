import type { CheckerFactory } from './checker.js';

/** Requests of one node to another in a second, probes included, besides one for each change that it made of late. */
const mostRequests = 45;
const lateSeconds = 10;

/** No node floods another one, whatever goes wrong: failures are followed by a rest, and each change costs one request. */
export const noFloods: CheckerFactory = ({ violate }) => {
  /** This second, by sender and receiver. */
  const requests = new Map<string, { readonly fromId: string; readonly toId: string; count: number }>();
  /** Each node's own changes in the latest seconds, this one last. */
  const changes = new Map<string, number[]>();
  return {
    onChange({ id }, { origin }) {
      if (origin !== 'local') return;
      const seconds = changes.get(id) ?? [0];
      changes.set(id, seconds.with(-1, (seconds.at(-1) ?? 0) + 1));
    },
    onPeerCall({ fromId, to }) {
      const name = `${fromId} ${to.id}`;
      const seen = requests.get(name) ?? { fromId, toId: to.id, count: 0 };
      requests.set(name, seen);
      seen.count += 1;
    },
    onSecond() {
      for (const { fromId, toId, count } of requests.values()) {
        const allowed = (changes.get(fromId) ?? []).reduce((sum, ofSecond) => sum + ofSecond, mostRequests);
        if (count > allowed) violate(`${fromId} sent ${toId} ${count} requests in a second`);
      }
      requests.clear();
      for (const [id, seconds] of changes) changes.set(id, [...seconds, 0].slice(-lateSeconds));
    },
  };
};
