import type { Change } from '@artemis/core';
import type { ClientEvent } from '../client-event.js';
import type { PeerCall, SimCluster } from '../cluster.js';
import type { ClientAnswer, Disk, SimNode } from '../sim-node.js';
import type { Truth } from '../truth.js';

/** What a checker may ask, and where it reports. */
export interface CheckContext {
  readonly cluster: SimCluster;
  readonly truth: Truth;
  /** Virtual ms since the start. */
  readonly nowMs: () => number;
  /** Runs in so many virtual ms. */
  readonly after: (delayMs: number, task: () => void) => void;
  /** For how long nothing has disturbed the two nodes or the link between them, ms; 0 while something does. */
  readonly undisturbedMs: (a: SimNode, b: SimNode) => number;
  /** In which the cluster must become equal once nothing goes wrong any more, ms. */
  readonly healMs: number;
  /** Whether no fault has disturbed anything that is still under way: the strictest rules hold. */
  readonly calm: () => boolean;
  /** @param key canonical key that it is about */
  readonly violate: (message: string, key?: string) => void;
}

/** Looks at every step and says what must never be. A truth has taken in an event before the checkers see it. */
export interface Checker {
  onChange?(node: SimNode, change: Change): void;
  onClient?(event: ClientEvent): void;
  /** Before the answer leaves the node. */
  onClientAnswer?(answer: ClientAnswer): void;
  onPeerCall?(call: PeerCall): void;
  /** Each start of a node, the first one too, before its first change. */
  onStarted?(node: SimNode): void;
  /** It goes on after a pause; nothing of it has run since. */
  onResumed?(node: SimNode): void;
  /** Its process was killed or has ended; what it will find on its disk. */
  onEnded?(node: SimNode, disk: Disk): void;
  /** Each step of the run, 50 virtual ms. */
  onStep?(): void;
  /** Each virtual second. */
  onSecond?(): void;
  onCalm?(): void;
  /** When the run ends in calm, longer than a lease after it began. */
  atEnd?(): void;
}

export type CheckerFactory = (context: CheckContext) => Checker;
