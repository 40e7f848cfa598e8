/** What the node and the program that holds its store say to each other, be that a thread or a process. */
import type { FileCommit, LmdbFileOptions } from './lmdb-file.js';
import type { StoreProblemKind } from './store-problem.js';

export type StoreRequest =
  /** `read`: sends all records, and tries to write. */
  | ({ readonly op: 'open'; readonly read: boolean } & LmdbFileOptions)
  | ({ readonly op: 'commit' } & FileCommit)
  | { readonly op: 'flush' }
  | { readonly op: 'close' };

export type StoreAnswer =
  /** Some of the records, as one JSON list: a text is quicker to send than its parts. More answers follow. */
  | { readonly kind: 'records'; readonly records: string }
  | { readonly kind: 'done'; readonly notes?: string | undefined }
  | { readonly kind: 'failed'; readonly problem: StoreProblemKind; readonly message: string };

/** Answers carry the number of the request. */
export type Numbered<Message> = Message & { readonly id: number };

/** The end of the wire at the program. */
export interface ProgramPort {
  /** Resolves when the other side has taken it, as far as that can be known. */
  send(answer: Numbered<StoreAnswer>): Promise<void>;
  /** Must be called once. */
  receive(listener: (request: Numbered<StoreRequest>) => void): void;
}

/** How the program ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  /** What it wrote to its standard error, the end of it. */
  readonly said: string;
}

/** The end of the wire at the node. */
export interface NodePort {
  send(request: Numbered<StoreRequest>): void;
  /** Each must be called once, at once. */
  receive(listener: (answer: Numbered<StoreAnswer>) => void): void;
  ended(listener: (ending: Ending) => void): void;
  /** Ends the program, whatever it does. */
  kill(): void;
}
