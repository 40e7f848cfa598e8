/**
 * `corrupt`: what is there is not what was written. `newer`: a later version of Artemis wrote it. `unusable`: the disk, the
 * rights or another process are in the way, and the data may be good.
 */
export type StoreProblemKind = 'corrupt' | 'newer' | 'unusable';

/** Why a store cannot be opened. */
export class StoreProblem extends Error {
  readonly kind: StoreProblemKind;

  /** @param message for people: what is wrong, and where it is known, what to do */
  constructor(kind: StoreProblemKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StoreProblem';
    this.kind = kind;
  }
}

export function messageOf(error: unknown): string {
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : String(error);
}
