import { once } from 'node:events';
import type { Server } from 'node:http';
import type { InstanceStatus } from '@artemis/core';
import { delay } from '@artemis/core';
import { ClientError } from '../client-error.js';
import type { Registration } from '../registration/registration.js';
import { Deferred } from '../waiting.js';
import { ownAddress } from './own-address.js';
import { Readiness } from './readiness.js';
import type { RegisterServerOptions, ServerRegistration } from './register-server.js';

type Defaulted =
  'readyIntervalMs' | 'lingerMs' | 'closeTimeoutMs' | 'signals' | 'isReady' | 'process' | 'scheduler';
type ServerLifeOptions = RegisterServerOptions & Required<Pick<RegisterServerOptions, Defaulted>>;

/**
 * The registration of one server:
 *
 * ```
 *   waiting ──listening──▶ asking ──first answer──▶ registering ──▶ registered: the status follows the answers
 *      │                     │                           │              │
 *      └─────────────────────┴── closed, signal, close() ┴──────────────┴──▶ over: unregistered
 * ```
 */
export class ServerLife implements ServerRegistration {
  readonly #server: Server;
  readonly #options: ServerLifeOptions;
  readonly #registered = new Deferred<Registration>();
  readonly #abort = new AbortController();
  readonly #readiness: Readiness;
  readonly #onListening = () => void this.#readiness.start();
  readonly #onClose = () => void this.close();
  readonly #onSignal = new Map<NodeJS.Signals, () => void>();
  #registering: Promise<void> | undefined;
  #registration: Registration | undefined;
  #wanted: InstanceStatus = 'starting';
  #status: InstanceStatus | undefined;
  #isUpdating = false;
  #closing: Promise<void> | undefined;
  #isEnding = false;

  constructor(server: Server, options: ServerLifeOptions) {
    this.#server = server;
    this.#options = options;
    this.#readiness = new Readiness({
      scheduler: options.scheduler,
      isReady: options.isReady,
      intervalMs: options.readyIntervalMs,
      answered: (isReady) => this.#answered(isReady),
    });
  }

  get status(): InstanceStatus | undefined {
    return this.#status;
  }

  begin(): void {
    this.#server.once('close', this.#onClose);
    for (const signal of this.#options.signals) {
      const listener = () => void this.#end(signal);
      this.#onSignal.set(signal, listener);
      this.#options.process.on(signal, listener);
    }
    if (this.#server.listening) this.#onListening();
    else this.#server.once('listening', this.#onListening);
  }

  registered(): Promise<Registration> {
    return this.#registered.promise;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #answered(isReady: boolean): void {
    // `close` comes only when the last connection has ended; callers are to be told before.
    if (!this.#server.listening) return this.#onClose();
    if (isReady) this.#wanted = 'up';
    else if (this.#wanted === 'up') this.#wanted = 'unhealthy';
    this.#registering ??= this.#register();
    void this.#update();
  }

  async #register(): Promise<void> {
    try {
      const { client, instance, host } = this.#options;
      const address = ownAddress(this.#server, host);
      const status = this.#wanted;
      const registration = await client.register(
        {
          protocol: address.protocol,
          instance_id: `${address.host}:${address.port}`,
          ...instance,
          ip: address.host,
          port: address.port,
          url: address.url,
          status,
        },
        { signal: this.#abort.signal },
      );
      this.#registration = registration;
      this.#status = status;
      this.#registered.resolve(registration);
      await this.#update();
    } catch (error) {
      const problem = error instanceof Error ? error : new Error(String(error));
      this.#registered.reject(problem);
      if (!this.#abort.signal.aborted)
        this.#options.logger?.error('The server was not registered', { error: problem.message });
    }
  }

  /** Tries again with the next answer when it fails. */
  async #update(): Promise<void> {
    if (this.#registration === undefined || this.#isUpdating || this.#closing !== undefined) return;
    this.#isUpdating = true;
    try {
      while (this.#status !== this.#wanted && this.#closing === undefined) {
        const status = this.#wanted;
        await this.#registration.update({ status });
        this.#status = status;
      }
    } catch (error) {
      // The caller has closed the client, or the registration itself: there is nothing left to follow.
      if (error instanceof ClientError && error.code === 'closed') return void this.close();
      this.#options.logger?.warn('The status of the server was not told', { error: String(error) });
    } finally {
      this.#isUpdating = false;
    }
  }

  async #close(): Promise<void> {
    this.#readiness.stop();
    this.#server.off('listening', this.#onListening);
    this.#server.off('close', this.#onClose);
    const reason = new ClientError('closed', 'the server was closed before it was registered');
    this.#registered.reject(reason);
    this.#abort.abort(reason);
    await this.#registering;
    try {
      await this.#registration?.close();
    } finally {
      this.#status = undefined;
      // Not before: a second signal while it is being unregistered must not end the process.
      for (const [signal, listener] of this.#onSignal) this.#options.process.off(signal, listener);
    }
  }

  /** A signal came: callers are told first, then the server goes. */
  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#options.logger?.info(`${signal}: unregistering the server`);
    try {
      await this.close();
    } catch (error) {
      this.#options.logger?.warn('The server was not unregistered', { error: String(error) });
    }
    // Who else listens to the signal decides how the program ends.
    if (this.#options.process.listenerCount(signal) > 0) return;
    if (this.#server.listening) {
      // What callers were told a moment ago has not reached all of them.
      await delay(this.#options.scheduler, this.#options.lingerMs);
      await this.#closeServer();
    }
    this.#options.process.raise(signal);
  }

  async #closeServer(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeIdleConnections();
    const tooLate = new Deferred<void>();
    const cancel = this.#options.scheduler.after(this.#options.closeTimeoutMs, () => tooLate.resolve());
    await Promise.race([closed, tooLate.promise]);
    cancel();
  }
}
