import { stampWallMs } from '@artemis/core';
import type { CheckerFactory } from './checker.js';

/** A client's clock is taken up to so far ahead of the fastest node; a little more for the counter. */
const toleranceMs = 1000 + 10;

/** No stamp is ahead of the fastest clock of the cluster by more than a client may push it, and no peer refuses one. */
export const saneStamps: CheckerFactory = ({ cluster, violate }) => ({
  onChange({ id }, { record, origin }) {
    if (origin !== 'local') return;
    const fastest = Math.max(...cluster.nodes.map(({ runtime }) => runtime.clock.wallMs()));
    const aheadMs = stampWallMs(record.version.stamp) - fastest;
    if (aheadMs > toleranceMs) violate(`${id} made a stamp ${aheadMs} ms ahead of every clock`, record.key);
  },
  onPeerCall({ fromId, to, request, response }) {
    const { failed_instances: failed = [] } = (response.body ?? {}) as { failed_instances?: unknown[] };
    if (response.status === 200 && failed.length === 0) return;
    const what = `${to.id} refused ${request.path} of ${fromId}: ${response.status}`;
    violate(`${what} ${JSON.stringify(failed.length > 0 ? failed[0] : response.body)}`);
  },
});
