import { explainResponseSchema } from '@artemis/core';
import type { ExplainResponse } from '@artemis/core';
import { aKey, anInstance } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import type { SimNode } from './node.fixture.js';
import { listed, threeNodes, urlOf } from './node.fixture.js';

const lease = { ttlMs: 3000, orphanGraceMs: 20_000, orphanRetentionMs: 60_000 };

function explain({ node }: SimNode, key = aKey()): ExplainResponse {
  return explainResponseSchema.parse(node.state.explainer.explain(key));
}

const failed = ({ filters }: ExplainResponse): string[] =>
  filters.flatMap(({ name, passed }) => (passed ? [] : [name]));

describe('explain', () => {
  it('tells record, owner, lease and changes of what is listed', async () => {
    const { time, nodes } = await threeNodes({ lease });
    await time.finish(nodes[0].node.state.registry.register([anInstance()]));
    await time.advance(500);
    const [here, there] = [explain(nodes[0]), explain(nodes[1])];
    expect(here).toMatchObject({
      node_id: 'node1',
      listed: true,
      summary: 'listed',
      owner: { node_id: 'node1', status: 'self' },
      record: { state: 'alive', registered_at: expect.stringMatching(/^node1#/) },
      lease: { ttl_ms: 3000, state: 'listed' },
    });
    expect([there.listed, there.owner]).toEqual([true, { node_id: 'node1', status: 'alive' }]);
    expect(there.last_changes).toMatchObject([{ reason: 'registered', origin: 'peer' }]);
    expect([here, there].map(failed)).toEqual([[], []]);
  });

  it('says that nothing is known of a key', async () => {
    const { nodes } = await threeNodes();
    const answer = explain(nodes[0]);
    expect([answer.listed, answer.record, answer.owner, answer.lease]).toEqual([
      false,
      undefined,
      undefined,
      undefined,
    ]);
    expect(answer.summary).toContain('not listed: this node knows nothing of it');
  });

  it.each([
    [
      'a status that is not up',
      'status',
      async ({ node }: SimNode) => {
        await node.state.registry.register([anInstance({ status: 'down' })]);
      },
    ],
    [
      'an unregister',
      'record',
      async ({ node }: SimNode) => {
        await node.state.registry.register([anInstance()]);
        await node.state.registry.unregister([aKey()]);
      },
    ],
  ])('names %s, and agrees with discovery', async (_what, filter, act) => {
    const { time, nodes } = await threeNodes();
    await time.finish(act(nodes[0]));
    expect([explain(nodes[0]).listed, failed(explain(nodes[0])), listed(nodes[0])]).toEqual([
      false,
      [filter],
      [],
    ]);
  });

  it('follows an orphan until it is gone', async () => {
    const { time, network, nodes } = await threeNodes({ lease });
    await time.finish(nodes[0].node.state.registry.register([anInstance()]));
    await time.advance(200);
    network.detach(urlOf('node1'));
    await time.finish(nodes[0].node.stop());
    await time.advance(10_000);
    expect(explain(nodes[1])).toMatchObject({
      listed: true,
      owner: { status: expect.not.stringMatching('alive') },
    });
    expect(explain(nodes[1]).summary).toContain('unconfirmed');
    await time.advance(20_000);
    expect(failed(explain(nodes[1]))).toEqual(['visibility']);
    expect(explain(nodes[1]).lease?.remaining_ms).toBeLessThan(-20_000);
    await time.advance(40_000);
    const gone = explain(nodes[1]);
    expect([failed(gone), gone.record?.reason]).toEqual([['record'], 'expired']);
    expect(gone.last_changes.map(({ reason }) => reason)).toEqual([
      'expired',
      'hidden',
      'unconfirmed',
      'registered',
    ]);
  });
});
