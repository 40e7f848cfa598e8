import type { SeededRandom } from '@artemis/core/testing';
import type { Routing, SimClient } from './client.js';
import type { SimNode } from './sim-node.js';
import type { Stage } from './stage.js';

/** What a client may do besides heartbeats, and how likely each is. */
interface Acts {
  /** Registers other content. */
  readonly change?: number;
  /** Unregisters, and registers again within a second. */
  readonly bounce?: number;
  /** Unregisters and stays away, or comes back if it was away. */
  readonly leave?: number;
  /** Falls silent, or comes back if it was. */
  readonly die?: number;
}

export interface BusyOptions {
  readonly clients: number;
  readonly services?: number;
  readonly routings?: readonly Routing[];
  /** Where they begin; default: at any node. */
  readonly homes?: readonly SimNode[];
  readonly acts: Acts;
  /** Mean time between two acts of one client. */
  readonly actEveryMs: number;
  readonly untilMs: number;
  /** Clients begin within this time; default 3 000. */
  readonly arriveWithinMs?: number;
}

/** Clients that come, change, leave, die and come back, each by its own chance. */
export function busyClients(stage: Stage, options: BusyOptions): SimClient[] {
  const { clients, services = 3, routings = ['sticky', 'sprayed', 'wandering'], homes } = options;
  return Array.from({ length: clients }, (_, index) => {
    const random = stage.random.fork(`client ${index}`);
    const client = stage.client({
      name: `inst-${index + 1}`,
      service: `service-${(index % services) + 1}`,
      routing: random.pick(routings),
      home: stage.nodes.indexOf(random.pick(homes ?? stage.nodes)),
    });
    planActs(stage, client, random, options);
    return client;
  });
}

function planActs(stage: Stage, client: SimClient, random: SeededRandom, options: BusyOptions): void {
  const { acts, actEveryMs, untilMs, arriveWithinMs = 3000 } = options;
  const choices = Object.entries(acts) as [keyof Acts, number][];
  let atMs = random.between(0, arriveWithinMs);
  stage.at(atMs, () => client.register());
  for (let act = 1; choices.length > 0; act += 1) {
    atMs += -Math.log(1 - random.next()) * actEveryMs;
    if (atMs >= untilMs) return;
    const kind = draw(random, choices);
    const pauseMs = random.between(1, 1000);
    stage.at(atMs, () => perform(stage, client, kind, act, pauseMs));
  }
}

function perform(stage: Stage, client: SimClient, kind: keyof Acts, act: number, pauseMs: number): void {
  const content = { metadata: { act: String(act) } };
  if (client.dead || !client.wanted) return client.register(content);
  switch (kind) {
    case 'change':
      return client.register(content);
    case 'bounce':
      client.unregister();
      return stage.at(stage.nowMs + pauseMs, () => {
        if (!client.dead) client.register(content);
      });
    case 'leave':
      return client.unregister();
    case 'die':
      return client.die();
  }
}

function draw<Choice>(random: SeededRandom, choices: readonly (readonly [Choice, number])[]): Choice {
  let left = random.next() * choices.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [choice, weight] of choices) {
    left -= weight;
    if (left < 0) return choice;
  }
  return choices[0]?.[0] as Choice;
}
