import { sameRegistration } from '@artemis/core';
import type { CheckerFactory } from './checker.js';

/**
 * Heartbeats alone never change a version while all nodes can deliver to each other: in calm there is neither take-over
 * nor refutation, and at all times a node makes no more registrations than clients asked for.
 */
export const steadyVersions: CheckerFactory = ({ truth, nowMs, calm, violate }) => {
  let resumedMs = -Infinity;
  const asked = new Map<string, number>();
  const count = (name: string, by: number): number => {
    const sum = (asked.get(name) ?? 0) + by;
    asked.set(name, sum);
    return sum;
  };
  return {
    onClient({ kind, call, nodeId, key }) {
      if (kind === 'sent' && call !== 'heartbeat') count(`${nodeId} ${key}`, 1);
    },
    onResumed() {
      resumedMs = nowMs();
    },
    onChange({ id }, { record, previous, origin, reason }) {
      // A node that was held up gives its clients the time, and refutes accordingly.
      const isCredited = nowMs() - resumedMs < record.leaseTtlMs;
      const isRefuted = reason === 'refuted' || (reason === 'moved' && origin === 'peer');
      if (calm() && (isRefuted ? !isCredited : reason === 'moved')) {
        violate(`it was ${reason} at ${id} (${origin}) in calm`, record.key);
      }
      // A refutation can be of a registration that the node never held: it made none.
      if (reason === 'refuted' || truth.get(record.key) === undefined) return;
      const isWrite = previous === undefined || !sameRegistration(previous.version, record.version);
      if (origin === 'local' && isWrite && count(`${id} ${record.key}`, -1) < 0) {
        violate(`${id} made a registration that no client asked for`, record.key);
      }
    },
  };
};
