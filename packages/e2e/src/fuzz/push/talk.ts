/** What one connection does: it asks for the WebSocket, sends its steps, and ends. */
export interface Talk {
  readonly label: string;
  readonly upgrade: Upgrade;
  readonly steps: readonly Step[];
  readonly ending: Ending;
  /** Sent in small pieces. */
  readonly inPieces?: boolean;
  /** Nothing is read from when the connection is open. */
  readonly unread?: boolean;
}

export interface Upgrade {
  readonly bytes: Buffer;
  /** Statuses that are right; 101 is a WebSocket. */
  readonly expected: readonly number[];
}

export interface Step {
  readonly label: string;
  readonly bytes: Buffer;
  /** The messages, where they are whole ones. */
  readonly texts?: readonly string[];
  /** Codes one of which the node closes with; nothing that follows is taken. */
  readonly closes?: readonly number[];
}

/**
 * `asked`: a ping is answered, and only then it is closed. `left`: it stays open until all is over. The others are a
 * client that is gone: with a reset, or with the end of its half of the connection.
 */
export type Ending = 'asked' | 'closed' | 'reset' | 'half-closed' | 'left';

/** What is known to whoever makes up talks. */
export interface PushWorld {
  /** HOST:PORT of the node. */
  readonly address: string;
  /** Of services and instances that others live by. */
  readonly healthyService: string;
  readonly logId: string;
}

const shownBytes = 300;

/** The talk for a person. */
export function showTalk({ label, upgrade, steps, ending }: Talk): string {
  const lines = steps.map(
    ({ label: what, bytes, texts }) =>
      `  ${what}: ${(texts?.[0] ?? bytes.toString('hex')).slice(0, shownBytes)} (${bytes.length} bytes)`,
  );
  return [label, upgrade.bytes.toString('latin1').slice(0, 1_000), ...lines, `  ending: ${ending}`].join(
    '\n',
  );
}
