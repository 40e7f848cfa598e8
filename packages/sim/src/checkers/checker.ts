import type { Change } from '@artemis/core';
import type { ClientEvent } from '../client-event.js';
import type { PeerCall, SimCluster, SimNode } from '../cluster.js';
import type { Truth } from '../truth.js';

/** What a checker may ask, and where it reports. */
export interface CheckContext {
  readonly cluster: SimCluster;
  readonly truth: Truth;
  /** Virtual ms since the start. */
  readonly nowMs: () => number;
  /** Runs in so many virtual ms. */
  readonly after: (delayMs: number, task: () => void) => void;
  /** Whether no fault has disturbed anything that is still under way: the strictest rules hold. */
  readonly calm: () => boolean;
  /** @param key canonical key that it is about */
  readonly violate: (message: string, key?: string) => void;
}

/** Looks at every step and says what must never be. A truth has taken in an event before the checkers see it. */
export interface Checker {
  onChange?(node: SimNode, change: Change): void;
  onClient?(event: ClientEvent): void;
  onPeerCall?(call: PeerCall): void;
  /** Each virtual second. */
  onSecond?(): void;
  onCalm?(): void;
  /** When the run ends in calm, longer than a lease after it began. */
  atEnd?(): void;
}

export type CheckerFactory = (context: CheckContext) => Checker;
