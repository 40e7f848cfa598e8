/** Keeps one instance registered while its program runs, with the status that it has at the moment. */
import type { ArtemisClient, InstanceToRegister, Registration } from '@artemis/client';
import type { InstanceStatus } from '@artemis/core';

export interface KeeperOptions {
  readonly status: InstanceStatus;
  /** Finds out what is not known without a node; resolves when it is known. */
  readonly instance: () => Promise<InstanceToRegister>;
  readonly client: () => ArtemisClient;
  /** Tells people a line. */
  readonly tell: (line: string) => void;
}

/** Nothing here ever rejects: the program goes on, whatever becomes of its registration. */
export class RegistrationKeeper {
  readonly #options: KeeperOptions;
  readonly #ended = new AbortController();
  #status: InstanceStatus;
  #told: InstanceStatus | undefined;
  #registration: Registration | undefined;
  #client: ArtemisClient | undefined;
  #failed = false;
  #working: Promise<void> = Promise.resolve();

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#status = options.status;
  }

  /** Begins; a node may be there much later. */
  start(): void {
    this.#working = this.#register();
  }

  /** Callers learn it as soon as a node can be reached. */
  setStatus(status: InstanceStatus): void {
    this.#status = status;
    this.#working = this.#working.then(() => this.#update());
  }

  /** Whether no node has taken it yet, though one still may. */
  get waiting(): boolean {
    return this.#registration === undefined && !this.#failed;
  }

  /** Unregisters. With no node to be reached it takes as long as the client has patience. */
  async close(): Promise<void> {
    this.#ended.abort();
    await this.#registration?.close().catch(() => undefined);
    await this.#client?.close().catch(() => undefined);
  }

  async #register(): Promise<void> {
    const { instance: describe, client: connect, tell } = this.#options;
    const { signal } = this.#ended;
    try {
      const instance = await describe();
      if (signal.aborted) return;
      this.#client = connect();
      this.#told = this.#status;
      const registration = await this.#client.register({ ...instance, status: this.#told }, { signal });
      this.#registration = registration;
      this.#follow(registration);
      tell(`registered as ${this.#told}`);
    } catch (error) {
      this.#failed = true;
      if (!signal.aborted) tell(`runs without a registration: ${(error as Error).message}`);
    }
  }

  #follow(registration: Registration): void {
    const { tell } = this.#options;
    let lost = false;
    registration.on('lost', ({ reason }) => {
      lost = true;
      tell(`the registration was lost: ${reason}`);
    });
    registration.on('registered', () => {
      // Every update says so too.
      if (lost) tell('registered again');
      lost = false;
    });
    registration.on('error', (error) => tell(`a node refuses the registration: ${error.message}`));
  }

  async #update(): Promise<void> {
    const status = this.#status;
    if (this.#registration === undefined || this.#told === status || this.#ended.signal.aborted) return;
    try {
      await this.#registration.update({ status });
      this.#told = status;
    } catch (error) {
      if (!this.#ended.signal.aborted)
        this.#options.tell(`cannot become ${status}: ${(error as Error).message}`);
    }
  }
}
