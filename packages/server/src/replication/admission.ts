import { createHash, timingSafeEqual } from 'node:crypto';
import type { Admission, RequestHeaders } from '@artemis/core';

/** Decides who may use the routes between nodes: whoever says that it replicates, and has the secret if there is one. */
export function admissionBy(secret: string | undefined): (headers: RequestHeaders) => Admission {
  const expected = secret === undefined ? undefined : digest(`Bearer ${secret}`);
  return (headers) => {
    if (headers['x-artemis-replication'] !== 'true') return 'not-replication';
    if (expected === undefined) return 'admitted';
    const shown = headers.authorization;
    // Digests have one length, so that the comparison takes the same time whatever was shown.
    const same = typeof shown === 'string' && timingSafeEqual(digest(shown), expected);
    return same ? 'admitted' : 'unauthorized';
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
