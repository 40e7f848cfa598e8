import type { Change } from '@artemis/core';
import type { Checker, CheckContext } from './checkers/checker.js';
import type { CheckerName } from './checkers/index.js';
import { checkers } from './checkers/index.js';
import type { ClientEvent } from './client-event.js';
import type { PeerCall } from './cluster.js';
import type { ClientAnswer, Disk, SimNode } from './sim-node.js';

type Violate = (checker: CheckerName, message: string, key?: string) => void;

/** All checkers as one. */
export class CheckerSuite {
  readonly #checkers: readonly Checker[];

  constructor(context: Omit<CheckContext, 'violate'>, violate: Violate) {
    this.#checkers = (Object.keys(checkers) as (keyof typeof checkers)[]).map((name) =>
      checkers[name]({ ...context, violate: (message, key) => violate(name, message, key) }),
    );
  }

  onChange(node: SimNode, change: Change): void {
    for (const checker of this.#checkers) checker.onChange?.(node, change);
  }

  onClient(event: ClientEvent): void {
    for (const checker of this.#checkers) checker.onClient?.(event);
  }

  onPeerCall(call: PeerCall): void {
    for (const checker of this.#checkers) checker.onPeerCall?.(call);
  }

  onClientAnswer(answer: ClientAnswer): void {
    for (const checker of this.#checkers) checker.onClientAnswer?.(answer);
  }

  onStarted(node: SimNode): void {
    for (const checker of this.#checkers) checker.onStarted?.(node);
  }

  onResumed(node: SimNode): void {
    for (const checker of this.#checkers) checker.onResumed?.(node);
  }

  onEnded(node: SimNode, disk: Disk): void {
    for (const checker of this.#checkers) checker.onEnded?.(node, disk);
  }

  onStep(): void {
    for (const checker of this.#checkers) checker.onStep?.();
  }

  onSecond(): void {
    for (const checker of this.#checkers) checker.onSecond?.();
  }

  onCalm(): void {
    for (const checker of this.#checkers) checker.onCalm?.();
  }

  atEnd(): void {
    for (const checker of this.#checkers) checker.atEnd?.();
  }
}
