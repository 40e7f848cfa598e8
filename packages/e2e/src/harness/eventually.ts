import { setTimeout as sleep } from 'node:timers/promises';

interface Patience {
  /** Deadline in ms, default 10 000: generous, since the machine may be busy. */
  readonly within?: number;
  /** Pause between two attempts in ms, default 20. */
  readonly every?: number;
}

/**
 * Asks again and again until `condition` neither throws nor answers false, and answers what it answered. This is how
 * end-to-end tests wait: for a condition with a deadline, never for a time.
 *
 * @throws Error with the last failure when the deadline has passed
 */
export async function eventually<Answer>(
  condition: () => Answer | Promise<Answer>,
  { within = 10_000, every = 20 }: Patience = {},
): Promise<Answer> {
  const deadline = performance.now() + within;
  for (;;) {
    const failure = await attempt(condition);
    if ('answer' in failure) return failure.answer;
    if (performance.now() > deadline)
      throw new Error(`not within ${within} ms: ${failure.reason}`, { cause: failure.cause });
    await sleep(every);
  }
}

type Attempt<Answer> = { readonly answer: Answer } | { readonly reason: string; readonly cause?: unknown };

async function attempt<Answer>(condition: () => Answer | Promise<Answer>): Promise<Attempt<Answer>> {
  try {
    const answer = await condition();
    return answer === false ? { reason: 'the condition stayed false' } : { answer };
  } catch (cause) {
    return { reason: cause instanceof Error ? cause.message : String(cause), cause };
  }
}

/**
 * Looks again and again for so many ms, and throws as soon as `condition` throws: for what must hold all the time. How
 * long is part of the scenario ("for three leases"), not a guess at how long something takes.
 */
export async function throughout(ms: number, condition: () => void | Promise<void>): Promise<void> {
  const end = performance.now() + ms;
  do {
    await condition();
    await sleep(20);
  } while (performance.now() < end);
}
