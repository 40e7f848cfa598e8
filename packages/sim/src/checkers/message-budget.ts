import type { WireVersion } from '@artemis/core';
import { apiRoutes, decodeVersion, keyOf } from '@artemis/core';
import { versionText } from '../node-table.js';
import type { CheckerFactory } from './checker.js';

type WireItem = Parameters<typeof keyOf>[0] & { version?: WireVersion; replica?: { version: WireVersion } };

interface Account {
  changes: number;
  requests: number;
  renewals: number;
}

/**
 * What a change may cost, in calm: one message to each peer, in one request, and never a message to a peer about a key
 * that the sender did not change itself (no echo); but for one more wherever the peer said that it lacks the record,
 * as it does when a renewal has overtaken it. Renewals: one request to each peer per batch interval.
 */
export const messageBudget: CheckerFactory = ({ cluster, nowMs, calm, violate }) => {
  /** By node and key: what the node changed itself; by receiver as well: how often it was sent there. */
  const changed = new Map<string, number>();
  const sent = new Map<string, number>();
  /** By version and receiver. */
  const copies = new Set<string>();
  /** By sender, receiver and key: how often the receiver said that it lacks the record. */
  const lacked = new Map<string, number>();
  const accounts = new Map<string, Account>();
  let calmSinceMs = 0;
  const account = (id: string): Account => {
    const known = accounts.get(id) ?? { changes: 0, requests: 0, renewals: 0 };
    accounts.set(id, known);
    return known;
  };

  const checkItem = (item: WireItem, fromId: string, toId: string): void => {
    const key = keyOf(item);
    const version = versionText(decodeVersion(versionOf(item)));
    const asked = lacked.get(`${fromId} ${toId} ${key}`) ?? 0;
    const copy = `${fromId} ${toId} ${key} ${version}`;
    if (copies.has(copy) && asked === 0) violate(`${fromId} sent ${version} to ${toId} more than once`, key);
    copies.add(copy);
    const allowed = (changed.get(`${fromId} ${key}`) ?? 0) + asked;
    const times = plusOne(sent, `${fromId} ${toId} ${key}`);
    if (times > allowed)
      violate(`${fromId} sent it ${times} times to ${toId}, having changed it ${allowed} times`, key);
  };

  return {
    onCalm() {
      calmSinceMs = nowMs();
    },
    onChange({ id }, { record, origin }) {
      if (!calm() || origin !== 'local') return;
      plusOne(changed, `${id} ${record.key}`);
      account(id).changes += 1;
    },
    onPeerCall({ fromId, to, request, response }) {
      if (!calm()) return;
      if (request.path.startsWith(apiRoutes.replicaHeartbeat.path)) {
        account(fromId).renewals += 1;
        const { failed_instance_keys: keys = [] } = response.body as { failed_instance_keys?: WireItem[] };
        for (const key of keys) plusOne(lacked, `${fromId} ${to.id} ${keyOf(key)}`);
        account(fromId).changes += keys.length > 0 ? 1 : 0;
        return;
      }
      const items = itemsOf(request.body);
      if (items.length > 0) account(fromId).requests += 1;
      for (const item of items) checkItem(item, fromId, to.id);
    },
    atEnd() {
      const peers = cluster.nodes.length - 1;
      for (const { id, config } of cluster.nodes) {
        const { changes, requests, renewals } = account(id);
        if (requests > changes * peers) violate(`${id} made ${requests} requests for ${changes} changes`);
        const windows = Math.ceil((nowMs() - calmSinceMs) / config.replication.batchIntervalMs) + 1;
        if (renewals > windows * peers)
          violate(`${id} sent ${renewals} batches of renewals in ${windows} windows`);
      }
    },
  };
};

function plusOne(counts: Map<string, number>, name: string): number {
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  return count;
}

function itemsOf(body: unknown): readonly WireItem[] {
  const { instances, instance_keys: keys } = (body ?? {}) as Partial<Record<string, WireItem[]>>;
  return instances ?? keys ?? [];
}

function versionOf({ version, replica }: WireItem): WireVersion {
  const found = version ?? replica?.version;
  if (found === undefined) throw new Error('a node sent another one something without a version');
  return found;
}
