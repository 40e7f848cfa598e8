/** The way to one client: what a session needs of a socket. */
export interface Channel {
  /** Whether more waits for the network than is good: a drain will follow. */
  readonly congested: boolean;
  /** Whether nothing can be sent any more. */
  readonly closed: boolean;
  /** Bytes that the network has taken so far. */
  readonly takenBytes: number;
  /** Sends a frame that may be shared with others, and must not be changed. */
  send(frame: Buffer): void;
  /** Reads no more messages until {@link resume}. */
  pause(): void;
  resume(): void;
  /** Ends the connection as the protocol asks for, after what has been sent. */
  close(code: number, reason: string): void;
  /** Ends it at once. */
  cut(): void;
}
