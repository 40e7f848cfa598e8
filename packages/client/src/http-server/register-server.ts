import type { Server } from 'node:http';
import type { InstanceStatus, Scheduler } from '@artemis/core';
import type { ArtemisClient } from '../artemis-client.js';
import type { ClientLogger } from '../options.js';
import type { InstanceToRegister, Registration } from '../registration/registration.js';
import { systemEnvironment } from '../system.js';
import { ServerLife } from './server-life.js';
import { ownProcess, type SignalSource } from './own-process.js';

/** What of an instance is for the program to say; address, port, URL and status are found out. */
type InstanceFields = Omit<InstanceToRegister, 'ip' | 'port' | 'url' | 'status' | 'instance_id'>;

export interface RegisterServerOptions {
  readonly client: Pick<ArtemisClient, 'register'>;
  /** At least `service_id`. `instance_id` is `HOST:PORT` when it is absent. */
  readonly instance: InstanceFields & { readonly instance_id?: string };
  /**
   * IP address or host name under which callers reach the server. Default: the address that it is bound to, or the
   * first of this machine that others can reach.
   */
  readonly host?: string;
  /**
   * Whether the server can be called: asked at first, and again `readyIntervalMs` after each answer. The instance is
   * `starting` until the first yes, then `up`, and `unhealthy` while it is no again, or throws, or gives no answer for
   * so long. Default: always.
   */
  readonly isReady?: () => boolean | Promise<boolean>;
  /** Default 1 000. */
  readonly readyIntervalMs?: number;
  /**
   * Signals that unregister the server. When nobody else listens to them, the server then takes no more connections
   * after a while, answers what is under way, and the process ends by the signal as it would have. Default `SIGTERM`.
   */
  readonly signals?: readonly NodeJS.Signals[];
  /** How long the server goes on answering after such a signal, so that callers can learn of it, ms. Default 500. */
  readonly lingerMs?: number;
  /** How long what is under way may take after that, ms. Default 10 000. */
  readonly closeTimeoutMs?: number;
  /** Default: says nothing. */
  readonly logger?: ClientLogger;
  /** Default: the real ones. */
  readonly scheduler?: Scheduler;
  readonly process?: SignalSource;
}

/** A server whose registration follows it. */
export interface ServerRegistration extends AsyncDisposable {
  /** What is registered now, `undefined` before the server listens and after it has closed. */
  readonly status: InstanceStatus | undefined;
  /**
   * Resolves when a node has taken the registration, which waits for the server to listen. Rejects when the server
   * closes before, or is refused, or listens on no TCP port.
   */
  registered(): Promise<Registration>;
  /** Unregisters it; the server itself goes on. */
  close(): Promise<void>;
}

/**
 * Registers an HTTP server while it listens: give it what `http.createServer()` or `app.listen()` of Express answers.
 * It is unregistered when it closes, on `SIGTERM`, and by `close()`. The client stays the caller's.
 */
export function registerServer(server: Server, options: RegisterServerOptions): ServerRegistration {
  const life = new ServerLife(server, {
    readyIntervalMs: 1000,
    lingerMs: 500,
    closeTimeoutMs: 10_000,
    signals: ['SIGTERM'],
    isReady: () => true,
    process: ownProcess(),
    scheduler: options.scheduler ?? systemEnvironment().scheduler,
    ...options,
  });
  life.begin();
  return life;
}
