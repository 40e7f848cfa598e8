import type { Instance, InstanceKey, WireVersion } from '@artemis/core';
import type { SeededRandom } from '@artemis/core/testing';
import type { FuzzRequest } from './fuzz-request.js';
import type { Api } from './schema-values.js';

/** What is known to whoever makes up requests. */
export interface World {
  readonly api: Api;
  readonly host: string;
  readonly secret: string;
  /** Id and run id of the node that is attacked, then of the other one. */
  readonly nodes: readonly (readonly [id: string, run: string])[];
  /** Addresses HOST:PORT of both. */
  readonly addresses: readonly string[];
  /** Kept alive by their clients throughout: nothing may happen to them. */
  readonly healthy: readonly KnownInstance[];
  /** May be overwritten and removed by whoever has the secret, and must be as good as new when registered again. */
  readonly victims: readonly KnownInstance[];
  /** Unix ms. */
  readonly nowMs: number;
}

export interface KnownInstance {
  readonly key: InstanceKey;
  readonly instance: Instance;
  readonly version: WireVersion;
}

/** Makes up one request. The same world and the same random numbers make the same request. */
export type Maker = (world: World, random: SeededRandom) => FuzzRequest;

export type HeaderList = readonly (readonly [name: string, value: string])[];

/** What a node sends with each request to a peer. */
export function peerHeaders({ secret, nodes, addresses }: World): HeaderList {
  const [id = '', run = ''] = nodes[1] ?? [];
  return [
    ['X-Artemis-Replication', 'true'],
    ['Authorization', `Bearer ${secret}`],
    ['X-Artemis-Node', id],
    ['X-Artemis-Run', run],
    ['X-Artemis-Address', addresses[1] ?? ''],
  ];
}

export const jsonType: HeaderList = [['Content-Type', 'application/json']];
