import type { DigestEnvelope, DigestRequest, RecordsEnvelope, RecordsRequest } from '@artemis/core';
import { apiRoutes, digestEnvelopeSchema, recordsEnvelopeSchema } from '@artemis/core';
import type { PeerCaller } from '../cluster/caller.js';
import type { Peer } from '../cluster/peer.js';
import { classifyFailure, classifyResponse } from './error.js';

/** A question that a peer did not answer. */
export class QueryError extends Error {
  /**
   * `unsupported`: the peer has no such route, being an older or foreign one; `forbidden`: it does not take this node for
   * one of its cluster; `unanswered`: nothing came back.
   */
  readonly kind: 'unsupported' | 'forbidden' | 'unanswered' | 'refused';

  constructor(kind: QueryError['kind'], message: string) {
    super(message);
    this.name = 'QueryError';
    this.kind = kind;
  }
}

interface PeerQueriesOptions {
  readonly caller: PeerCaller;
  readonly timeoutMs: number;
}

interface AnswerSchema<Answer> {
  safeParse(body: unknown): { success: true; data: Answer } | { success: false };
}

/** Asks peers what they hold. Every method rejects with a {@link QueryError} when there is no good answer. */
export class PeerQueries {
  readonly #options: PeerQueriesOptions;

  constructor(options: PeerQueriesOptions) {
    this.#options = options;
  }

  digest(peer: Peer, request: DigestRequest): Promise<DigestEnvelope> {
    return this.#ask(peer, apiRoutes.replicaDigest.path, request, digestEnvelopeSchema);
  }

  records(peer: Peer, request: RecordsRequest): Promise<RecordsEnvelope> {
    return this.#ask(peer, apiRoutes.replicaRecords.path, request, recordsEnvelopeSchema);
  }

  async #ask<Answer>(peer: Peer, path: string, body: unknown, schema: AnswerSchema<Answer>): Promise<Answer> {
    const { caller, timeoutMs } = this.#options;
    const response = await caller
      .call(peer, { method: 'POST', path: `${path}.json`, body, timeoutMs })
      .catch((error: unknown) => {
        const { reason } = classifyFailure(error) as { reason: string };
        throw new QueryError('unanswered', reason);
      });
    if (response.status === 404) throw new QueryError('unsupported', `${path}: HTTP 404`);
    const outcome = classifyResponse(response);
    const isForbidden = response.status === 401 || response.status === 403;
    if (outcome.kind !== 'delivered')
      throw new QueryError(isForbidden ? 'forbidden' : 'refused', outcome.reason);
    const parsed = schema.safeParse(outcome.body);
    if (!parsed.success) throw new QueryError('refused', 'the answer is not one of this protocol');
    return parsed.data;
  }
}
