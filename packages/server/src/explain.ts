import type { Change, ExplainResponse, Explainer, InstanceKeyInput, RegistryRecord } from '@artemis/core';
import { encodeVersion, keyOf, stampWallMs, toInstanceKey } from '@artemis/core';
import type { LeaseView } from './lease/inspector.js';
import type { NodeParts } from './node-parts.js';

const rememberedChanges = 20;

type Filter = ExplainResponse['filters'][number];
type Known = Pick<NodeParts, 'identity' | 'repository' | 'changes' | 'leasing' | 'peers' | 'self'>;

/** Says why this node lists an instance, or does not. */
export class InstanceExplainer implements Explainer {
  readonly #parts: Known;
  readonly #leases: LeaseView;

  constructor(parts: Known, leases: LeaseView) {
    this.#parts = parts;
    this.#leases = leases;
  }

  explain(instanceKey: InstanceKeyInput): ExplainResponse {
    const { identity, repository, changes } = this.#parts;
    const key = keyOf(instanceKey);
    const record = repository.get(key);
    const lease = this.#leases.lease(key);
    const filters = this.#filters(key, record);
    const failed = filters.find(({ passed }) => !passed);
    const unsure =
      lease?.state === 'unconfirmed' ? ', as unconfirmed: this node cannot vouch for its lease' : '';
    return {
      node_id: identity.nodeId,
      instance_key: record?.instanceKey ?? toInstanceKey(instanceKey),
      listed: failed === undefined,
      summary: failed === undefined ? `listed${unsure}` : `not listed: ${failed.detail}`,
      ...(record && { record: recordOf(record) }),
      ...(record?.state === 'alive' && { owner: this.#ownerOf(record) }),
      ...(lease && { lease }),
      filters,
      last_changes: changes.latestOf(key, rememberedChanges).map(changeOf),
    };
  }

  #filters(key: string, record: RegistryRecord | undefined): Filter[] {
    const filters = [this.#ready(), registered(record)];
    if (record?.state !== 'alive') return filters;
    const { status } = record.instance;
    return [
      ...filters,
      this.#unended(key, record),
      this.#visible(key),
      check(
        'status',
        status === 'up',
        `its status is ${status}`,
        'which callers get only when they ask for any status',
      ),
    ];
  }

  #ready(): Filter {
    const { ready, gates } = this.#parts.self.readiness();
    const closed = Object.values(gates).flatMap(({ open, reason }) =>
      open ? [] : [reason ?? 'a gate is closed'],
    );
    return check(
      'node',
      ready,
      ready ? 'this node is ready' : `this node is not ready: ${closed.join('; ')}`,
    );
  }

  #unended(key: string, { instanceKey }: RegistryRecord): Filter {
    const over = this.#parts.leasing.expiry.ended(instanceKey.service_id)?.has(key) === true;
    return check(
      'lease',
      !over,
      over ? 'its lease has ended, and it is about to expire' : 'it is not about to expire',
    );
  }

  #visible(key: string): Filter {
    const { repository, leasing } = this.#parts;
    const visibility = repository.visibilityOf(key);
    if (leasing.heldBack.has(key))
      return check(
        'visibility',
        false,
        'it is from before a long absence of this node, and nobody has confirmed it yet',
      );
    if (visibility === 'hidden')
      return check(
        'visibility',
        false,
        'its lease ended longer ago than lease.orphan_grace_secs, and its owner cannot be heard',
      );
    return check('visibility', true, `it is shown as ${visibility}`);
  }

  #ownerOf({ version: { owner } }: RegistryRecord): NonNullable<ExplainResponse['owner']> {
    const { identity, peers } = this.#parts;
    if (owner === identity.nodeId) return { node_id: owner, status: 'self' };
    const peer = peers.cluster.peers.find((one) => one.identity?.node_id === owner);
    return { node_id: owner, status: peer?.state ?? 'unknown' };
  }
}

function registered(record: RegistryRecord | undefined): Filter {
  if (record === undefined)
    return check(
      'record',
      false,
      'this node knows nothing of it: it was never registered, or its removal is forgotten',
    );
  return record.state === 'alive'
    ? check('record', true, 'it is registered')
    : check(
        'record',
        false,
        record.reason === 'expired' ? 'its lease ended and it expired' : 'it was unregistered',
      );
}

function check(name: string, passed: boolean, detail: string, consequence?: string): Filter {
  return { name, passed, detail: passed || consequence === undefined ? detail : `${detail}, ${consequence}` };
}

function recordOf(record: RegistryRecord): NonNullable<ExplainResponse['record']> {
  return {
    state: record.state,
    ...(record.state === 'removed' && { reason: record.reason }),
    version: encodeVersion(record.version),
    registered: new Date(stampWallMs(record.version.stamp)).toISOString(),
    registered_at: record.version.origin,
  };
}

function changeOf({
  revision,
  wallMs,
  reason,
  origin,
  record,
}: Change): ExplainResponse['last_changes'][number] {
  return {
    revision,
    change_time: new Date(wallMs).toISOString(),
    reason,
    origin,
    version: encodeVersion(record.version),
  };
}
