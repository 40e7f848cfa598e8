/** Takes a listener off again; does nothing the second time. */
export type Unsubscribe = () => void;

/** Typed events. `Events` maps each name to what its listeners get. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();
  readonly #failed: (error: unknown) => void;

  /** @param failed is told what a listener threw: one bad listener must stop neither the others nor the client */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): Unsubscribe {
    // Wrapped, so that a listener that was added twice is called twice and taken off one at a time.
    const own = (event: Events[Name]): void => listener(event);
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(own));
    return () => {
      listeners.delete(own);
    };
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as (event: Events[Name]) => void)(event);
      } catch (error) {
        this.#failed(error);
      }
    }
  }
}
