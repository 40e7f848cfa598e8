import { defaultConfig } from '@artemis/core/config';
import { CollectedLogger, SeededRandom, VirtualTime } from '@artemis/core/testing';
import { expect, it } from '@jest/globals';
import { Peer } from '../cluster/peer.js';
import { alive, tableAt, tombstone } from '../registry/registry.fixture.js';
import { AntiEntropy } from './anti-entropy.js';
import { TableDigest } from './digest.js';
import { QueryError } from './peer-queries.js';

it('a peer without digests is offered the table without what is held back', async () => {
  const { clock, scheduler } = new VirtualTime();
  const { repository, log } = tableAt();
  const digest = new TableDigest(repository.slots);
  const [held, sound, removed] = [alive('held', 1), alive('sound', 2), tombstone('removed', 3)];
  for (const record of [held, sound, removed]) repository.apply(record, { origin: 'recovery' });
  digest.exclude(held.key);

  const offered: (readonly string[])[] = [];
  const options = {
    config: defaultConfig(),
    ownNodeId: 'node1',
    clock,
    scheduler,
    random: new SeededRandom(1),
    logger: new CollectedLogger(),
    metrics: { exchange: () => undefined },
    queries: { digest: () => Promise.reject(new QueryError('unsupported', 'HTTP 404')) },
    digest,
    changes: log,
    repository,
    give: async (_peer: Peer, keys: readonly string[]) => offered.push(keys) > 0,
    joining: () => false,
  };
  const antiEntropy = new AntiEntropy(options as unknown as ConstructorParameters<typeof AntiEntropy>[0]);
  const target = { address: 'node2:8080', url: 'http://node2:8080' };
  const peer = new Peer(target, 'configured', 5000, { monotonicMs: 0, wallMs: 0 });
  antiEntropy.added(peer);
  expect(await antiEntropy.compareNow(peer)).toBe('done');
  expect(offered).toEqual([[sound.key, removed.key]]);
  antiEntropy.stop();
});
