import type { Cancel, Scheduler } from '@artemis/core';

export interface ReadinessOptions {
  readonly scheduler: Scheduler;
  /** A callback that throws, or that takes longer than `intervalMs`, means no. */
  readonly isReady: () => boolean | Promise<boolean>;
  /** Between an answer and the next question, and the most that an answer may take. */
  readonly intervalMs: number;
  /** After every answer, also when it is the same. */
  readonly answered: (isReady: boolean) => void;
}

/** Asks a program again and again whether it can serve. One question at a time. */
export class Readiness {
  readonly #options: ReadinessOptions;
  #cancel: Cancel = () => undefined;
  #isStopped = false;
  #isAsking = false;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  /** Resolves with the first answer. */
  async start(): Promise<void> {
    await this.#ask();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  async #ask(): Promise<void> {
    const isReady = await this.#answer();
    if (this.#isStopped) return;
    this.#options.answered(isReady);
    this.#cancel = this.#options.scheduler.after(this.#options.intervalMs, () => void this.#ask());
  }

  async #answer(): Promise<boolean> {
    // An answer that is still awaited is a no, and asking again would only pile up questions.
    if (this.#isAsking) return false;
    this.#isAsking = true;
    const answer = this.#call().finally(() => (this.#isAsking = false));
    const { scheduler, intervalMs } = this.#options;
    const tooLate = new Promise<boolean>((resolve) => {
      this.#cancel = scheduler.after(intervalMs, () => resolve(false));
    });
    const isReady = await Promise.race([answer, tooLate]);
    this.#cancel();
    return isReady;
  }

  async #call(): Promise<boolean> {
    try {
      return await this.#options.isReady();
    } catch {
      return false;
    }
  }
}
