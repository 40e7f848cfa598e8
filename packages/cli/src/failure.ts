import { exitCodes } from './exit-codes.js';

/** Something that is not the program's fault: the message is all that is told, without a stack. */
export class Failure extends Error {
  readonly exitCode: number;

  /** @param message whole lines for people: what is wrong and what to do */
  constructor(message: string, options: { readonly exitCode?: number; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'Failure';
    this.exitCode = options.exitCode ?? exitCodes.failure;
  }
}
