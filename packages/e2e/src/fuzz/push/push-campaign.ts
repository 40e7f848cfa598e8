import { clientMessageSchema } from '@artemis/core';
import { SeededRandom } from '@artemis/core/testing';
import type { WireTarget } from '../wire.js';
import { frameStep, mayBeCut, unfinishedStep } from './odd-frames.js';
import { floodSteps, messageStep } from './push-messages.js';
import { PushWire } from './push-wire.js';
import type { Ending, PushWorld, Step, Talk } from './talk.js';
import { oddUpgrade, rightUpgrade } from './upgrade-requests.js';

export interface PushCampaignOptions {
  readonly seed: number;
  /** The first talk of the seed, and the one after the last. */
  readonly from: number;
  readonly to: number;
  readonly target: WireTarget;
  readonly world: PushWorld;
  /** Called before each talk, with what may come of it. */
  readonly starting: (talk: Talk) => void;
}

/** A talk that did not go as it must. */
export interface PushFinding {
  readonly index: number;
  readonly talk: Talk;
  readonly fault: string;
}

const lanes = 6;
/** After so many findings the rest would say the same. */
const enough = 10;
const endings: readonly Ending[] = ['asked', 'asked', 'asked', 'closed', 'reset', 'half-closed', 'left'];

/** Talk number `index` of a seed: the same each time, in the same world. */
function talkOf(world: PushWorld, seed: number, index: number): Talk {
  const random = new SeededRandom(`push/${seed}/${index}`);
  if (random.chance(0.15)) {
    const { label, ...upgrade } = oddUpgrade(world, random);
    return { label: `upgrade: ${label}`, upgrade, steps: [], ending: 'closed' };
  }
  const upgrade = rightUpgrade(world);
  if (random.chance(0.04)) {
    const steps = floodSteps(world, random);
    const unread = random.chance(0.4);
    return {
      label: 'flood',
      upgrade,
      steps,
      ending: unread ? 'left' : random.pick(['asked', 'reset']),
      unread,
    };
  }
  const steps: Step[] = [];
  const count = random.int(1, 20);
  while (steps.length < count && steps.at(-1)?.closes === undefined)
    steps.push(random.chance(0.2) ? frameStep(world, random) : messageStep(world, random));
  const ending = steps.at(-1)?.closes === undefined ? random.pick(endings) : 'asked';
  if (ending !== 'asked' && random.chance(0.3)) steps.push(unfinishedStep(random));
  return { label: `talk of ${steps.length}`, upgrade, steps, ending, inPieces: random.chance(0.2) };
}

/** Has all talks, six at a time, and judges each by itself. Answers what was found. */
export async function runPushCampaign(
  options: PushCampaignOptions,
  left: PushWire[],
): Promise<readonly PushFinding[]> {
  const { seed, from, to, target, world, starting } = options;
  const queue = Array.from({ length: to - from }, (_, offset) => from + offset).values();
  const findings: PushFinding[] = [];
  const lane = async (): Promise<void> => {
    for (const index of queue) {
      if (findings.length >= enough) return;
      const talk = talkOf(world, seed, index);
      starting(talk);
      const fault = await have(talk, target, left).catch((error: unknown) => String(error));
      if (fault !== undefined) findings.push({ index, talk, fault });
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return findings.toSorted((a, b) => a.index - b.index);
}

/** Has one talk; answers what was wrong about it. */
async function have(talk: Talk, target: WireTarget, left: PushWire[]): Promise<string | undefined> {
  const wire = await PushWire.open(target);
  const { upgrade, steps, inPieces = false, unread = false, ending } = talk;
  try {
    await wire.send(upgrade.bytes, inPieces);
    const status = await wire.answer();
    if (status === undefined || !upgrade.expected.includes(status))
      return `status ${status}, expected ${upgrade.expected.join(', ')}`;
    if (status !== 101) return wire.fault;
    if (unread) wire.socket.pause();
    for (const { bytes } of steps) await wire.send(bytes, inPieces);
    if (ending === 'left') left.push(wire);
    const fault = await end(wire, talk);
    return wire.fault ?? fault;
  } finally {
    if (ending !== 'left') wire.socket.destroy();
  }
}

async function end(wire: PushWire, { steps, ending }: Talk): Promise<string | undefined> {
  if (ending === 'reset') wire.socket.resetAndDestroy();
  if (ending === 'half-closed') wire.socket.end();
  const closes = steps.at(-1)?.closes;
  if (ending !== 'asked' || closes?.includes(mayBeCut) === true) return undefined;
  if (closes === undefined) {
    if (!(await wire.isAnswered())) return `the connection is over, with ${wire.closeCode}`;
  } else {
    await wire.isClosed();
    if (!closes.includes(wire.closeCode ?? 0))
      return `closed with ${wire.closeCode}, not ${closes.join(', ')}`;
  }
  return faultOfAnswers(wire, steps);
}

/** Whatever is no message must have been called one, and every request answered. */
function faultOfAnswers({ messages }: PushWire, steps: readonly Step[]): string | undefined {
  const texts = steps.flatMap(({ texts: some = [], closes }) => (closes === undefined ? some : []));
  const wrong = texts.filter((text) => !isMessage(text)).length;
  const errors = messages.filter(({ type }) => type === 'error').length;
  return errors < wrong ? `${wrong} messages were wrong, and ${errors} were called so` : undefined;
}

function isMessage(text: string): boolean {
  try {
    return clientMessageSchema.safeParse(JSON.parse(text.replace(/^\ufeff/, ''))).success;
  } catch {
    return false;
  }
}
