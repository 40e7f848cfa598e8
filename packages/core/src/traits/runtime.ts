/**
 * Everything that a node takes from the outside. Put N nodes on a simulated runtime and a whole cluster runs inside
 * one deterministic test.
 */
import type { JsonPieces } from '../json-pieces.js';
import type { RegistryRecord } from '../models/record.js';

export interface Clock {
  /** Milliseconds that never run backwards: durations and leases use these only. */
  monotonicMs(): number;
  /** Unix milliseconds; may jump. */
  wallMs(): number;
}

/** Takes a planned task back; does nothing when it has run. */
export type Cancel = () => void;

/** Tasks must not throw: an error that leaves one is a defect and ends a real node. */
export interface Scheduler {
  /** After the current turn and the I/O that is ready. */
  soon(task: () => void): Cancel;
  after(delayMs: number, task: () => void): Cancel;
  every(intervalMs: number, task: () => void): Cancel;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** `length` characters of lower-case base 36. */
  id(length: number): string;
}

/** A body that can write its JSON, which takes half the time of `JSON.stringify` and leaves nothing to collect. */
export interface JsonBody {
  writeJson(pieces: JsonPieces): void;
  /** The same as plain data, for whoever does not let it write. */
  toJSON(): unknown;
}

/** One call of one node to another. */
export interface PeerRequest {
  readonly method: 'GET' | 'POST';
  /** Path with leading slash. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON, once or several times, and never changed after the first. May be a {@link JsonBody}. */
  readonly body?: unknown;
  readonly timeoutMs: number;
}

export interface PeerResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; the text when the answer says that it is no JSON; `undefined` when empty. */
  readonly body: unknown;
}

/** Ways in which a call fails without an HTTP status. */
export type TransportFailure =
  'timeout' | 'refused' | 'reset' | 'unknown-host' | 'unparsable' | 'too-large' | 'closed' | 'other';

export class TransportError extends Error {
  readonly kind: TransportFailure;

  constructor(kind: TransportFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'TransportError';
    this.kind = kind;
  }
}

/** Carries calls to peers. Every status is an answer; everything else rejects with a {@link TransportError}. */
export interface PeerTransport {
  /** @param peerUrl base URL of the peer, `http://HOST:PORT` without slash at the end */
  call(peerUrl: string, request: PeerRequest): Promise<PeerResponse>;
  /** Ends idle connections; calls under way reject with `closed`. */
  close(): void;
}

/** Looks names up. */
export interface Resolver {
  /** Every IP address of a host name, in any order. Rejects when the name is unknown or cannot be looked up now. */
  resolve(host: string): Promise<readonly string[]>;
}

/** When this node ran, and when it heard the others, so that a restart knows how long it was away. */
export interface StoreNotes {
  /** Unix ms at which this node last ran, exact to some seconds. */
  readonly aliveWallMs: number;
  /** Unix ms at which each peer was last heard, by node id. */
  readonly contacts: Readonly<Record<string, number>>;
}

/** What an earlier run left. */
export interface StoredState {
  /** Everything committed and not forgotten, in any order. */
  readonly records: readonly RegistryRecord[];
  /** `undefined` when nothing was ever committed. */
  readonly notes: StoreNotes | undefined;
}

export interface StoreCommit {
  readonly put: readonly RegistryRecord[];
  /** Canonical keys, none of which is in `put`. */
  readonly forget: readonly string[];
  readonly notes?: StoreNotes;
  /** It holds no change that this node made itself: what peers sent, they have in stores of their own. */
  readonly lazy?: boolean;
}

/** Where records outlive the process. */
export interface RecordStore {
  /** Called once, before anything is committed. Rejects when this node must not go on with what is there. */
  open(): Promise<StoredState>;
  /** All or nothing. Rejects when the records are not safe, for instance on a full disk. */
  commit(commit: StoreCommit): Promise<void>;
  /** Resolves when what was committed needs this process no more. */
  close(): Promise<void>;
}

export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
}

export interface Runtime {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly transport: PeerTransport;
  readonly resolver: Resolver;
  readonly store: RecordStore;
  readonly logger: Logger;
}
