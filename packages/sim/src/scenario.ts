import type { ChangeReason } from '@artemis/core';
import type { ConfigOverrides } from '@artemis/core/config';
import type { LinkFaults } from '@artemis/core/testing';
import type { Stage } from './stage.js';

/**
 * One mechanism, put to the test. The acts run with their faults; then clients keep their leases alive and nothing
 * else, and all nodes must become equal within `convergeMs`; then a lease passes in calm, and the end is looked at.
 */
export interface Scenario {
  readonly name: string;
  /** What it shows, in a line. */
  readonly about: string;
  /** Fewest and most nodes; default 3 and 5. */
  readonly nodes?: readonly [number, number];
  readonly config?: ConfigOverrides;
  /** Between the wall clocks of any two nodes; default 0. */
  readonly maxSkewMs?: number;
  readonly leaseMs: number;
  readonly actsMs: number;
  /** From the end of acts and faults: shorter than a lease, so that no expiry hides what was not repaired. */
  readonly convergeMs: number;
  /** Whether nodes may want to compare their tables to the very end, because the scenario does not let them. */
  readonly repairsPend?: boolean;
  /** Whether calm rules from the start. */
  readonly faultFree?: boolean;
  /** Between nodes, at all times. */
  readonly links?: Partial<LinkFaults>;
  /** Between clients and nodes, during the acts. */
  readonly clientLinks?: Partial<LinkFaults>;
  /** Changes that nodes must have made, or the run showed nothing: how many at least. */
  readonly mustSee?: Partial<Record<ChangeReason, number>>;
  /** Changes that no node may ever make or hear of. */
  readonly forbid?: readonly ChangeReason[];
  /** Plans everything: called once, when the nodes are ready. */
  readonly play: (stage: Stage) => Verdict | void;
}

/** Asked at the end for what this scenario alone can say: what is wrong, `undefined` when nothing is. */
export type Verdict = () => string | undefined | Promise<string | undefined>;
