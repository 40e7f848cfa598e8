import type { Scheduler } from '../traits/runtime.js';
import type { SeededRandom } from './seeded-random.js';

/** How badly a link treats what passes it. */
export interface LinkFaults {
  /** Probability that a request is lost. */
  readonly requestLoss: number;
  /** Probability that an answer is lost. */
  readonly answerLoss: number;
  /** Probability that a request arrives a second time, later. */
  readonly duplicates: number;
  /** Shortest and longest time of one way, ms. */
  readonly delayMs: readonly [shortest: number, longest: number];
}

/** One direction between two nodes, with its own stream of chance: what happens on another does not change it. */
export class SimLink {
  isCut = false;
  /** Faults of this link alone; the others are those of the network. */
  ownFaults: Partial<LinkFaults> = {};
  readonly #scheduler: Scheduler;
  readonly #random: SeededRandom;
  readonly #commonFaults: () => LinkFaults;

  constructor(scheduler: Scheduler, random: SeededRandom, commonFaults: () => LinkFaults) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#commonFaults = commonFaults;
  }

  /** Carries a request. `arrive` is told whether this is the request itself and not its double. */
  carryRequest(arrive: (isFirst: boolean) => void): void {
    const { requestLoss, duplicates } = this.#faults();
    // Everything is drawn in any case, so that one fault less does not change all that follows.
    const [isLost, isDoubled] = [this.#random.chance(requestLoss), this.#random.chance(duplicates)];
    const [firstMs, laterMs] = [this.#delayMs(), this.#delayMs()];
    if (!isLost) this.#carry(firstMs, () => arrive(true));
    if (isDoubled) this.#carry(firstMs + laterMs, () => arrive(false));
  }

  carryAnswer(arrive: () => void): void {
    const isLost = this.#random.chance(this.#faults().answerLoss);
    const delayMs = this.#delayMs();
    if (!isLost) this.#carry(delayMs, arrive);
  }

  /** What is on its way when the link is cut does not arrive. */
  #carry(delayMs: number, arrive: () => void): void {
    if (this.isCut) return;
    this.#scheduler.after(delayMs, () => {
      if (!this.isCut) arrive();
    });
  }

  #delayMs(): number {
    return this.#random.between(...this.#faults().delayMs);
  }

  #faults(): LinkFaults {
    return { ...this.#commonFaults(), ...this.ownFaults };
  }
}
