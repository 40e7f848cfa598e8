/** Where output goes, and what is known of the other side. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

type Listener = (...values: unknown[]) => void;

/** Everything that the command takes from its process, so that tests can stand in for it. */
export interface Host {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Name of this machine. */
  readonly hostName: string;
  /** Signals and errors that nobody caught. */
  readonly events: { on(event: string, listener: Listener): unknown };
}
