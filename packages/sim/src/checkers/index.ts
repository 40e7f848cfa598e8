import { boundedQueues } from './bounded-queues.js';
import type { CheckerFactory } from './checker.js';
import { deadAreRemoved } from './dead-are-removed.js';
import { durable } from './durable.js';
import { goneStaysGone } from './gone-stays-gone.js';
import { heals } from './heals.js';
import { keptAlive } from './kept-alive.js';
import { messageBudget } from './message-budget.js';
import { noFloods } from './no-floods.js';
import { oneContent } from './one-content.js';
import { onlyOwnerExpires } from './only-owner-expires.js';
import { promptCopies } from './prompt-copies.js';
import { readyKnows } from './ready-knows.js';
import { saneStamps } from './sane-stamps.js';
import { steadyVersions } from './steady-versions.js';
import { trueAnswers } from './true-answers.js';
import { versionsForward } from './versions-forward.js';
import { watchers } from './watchers.js';

/** Every checker by the name under which it reports. */
export const checkers = {
  'versions-forward': versionsForward,
  'one-content': oneContent,
  'kept-alive': keptAlive,
  'gone-stays-gone': goneStaysGone,
  'dead-are-removed': deadAreRemoved,
  'only-owner-expires': onlyOwnerExpires,
  'bounded-queues': boundedQueues,
  'steady-versions': steadyVersions,
  'message-budget': messageBudget,
  'no-floods': noFloods,
  'prompt-copies': promptCopies,
  'sane-stamps': saneStamps,
  'true-answers': trueAnswers,
  durable,
  watchers,
  'ready-knows': readyKnows,
  heals,
} as const satisfies Record<string, CheckerFactory>;

/**
 * What the run itself finds: nodes that stay unequal, a defect that threw, what the scenario alone forbids, and a run
 * that showed nothing of what it is for.
 */
export type CheckerName = keyof typeof checkers | 'converges' | 'defect' | 'scenario' | 'vacuous';
