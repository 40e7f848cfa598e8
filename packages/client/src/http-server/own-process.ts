/** What the adapter takes from the process that it runs in. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
  listenerCount(signal: NodeJS.Signals): number;
  /** Sends the signal to the process itself. */
  raise(signal: NodeJS.Signals): void;
}

/** The real one: the one file of this folder that touches `process`. */
export function ownProcess(): SignalSource {
  return {
    on: (signal, listener) => process.on(signal, listener),
    off: (signal, listener) => process.off(signal, listener),
    listenerCount: (signal) => process.listenerCount(signal),
    raise: (signal) => process.kill(process.pid, signal),
  };
}
