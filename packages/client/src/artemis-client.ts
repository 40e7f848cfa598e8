import type { ClientError } from './client-error.js';
import type { DiscoveredInstance } from './discovered-instance.js';
import type { Unsubscribe } from './emitter.js';
import type { WaitOptions } from './options.js';
import type { InstanceToRegister, Registration } from './registration/registration.js';
import type { AllView } from './view/all-view.js';
import type { ServiceView } from './view/service-view.js';

export interface ClientEvents {
  connected: { readonly node: string; readonly transport: 'websocket' | 'http' };
  /** It goes on elsewhere by itself. */
  disconnected: { readonly node: string; readonly reason: string };
  /** The nodes that are known now; only when they differ from before. */
  nodes: readonly string[];
  /** What no call was waiting for: a node refuses to keep a lease, or to let a service be watched. */
  error: ClientError;
}

export interface InstancesOptions extends WaitOptions {
  /** `any`: whatever their status. Default `up`. */
  readonly status?: 'up' | 'any';
}

/**
 * Takes part in an Artemis cluster. It finds a node that answers, keeps to it, and moves over by itself when the node
 * stops; whoever uses the client notices nothing but a short delay.
 */
export interface ArtemisClient extends AsyncDisposable {
  /**
   * Registers an instance and keeps its lease until the registration or the client is closed. Resolves when a node
   * has taken it, and waits for one as long as it takes. Rejects with `invalid`, `refused`, `aborted`, `closed`.
   */
  register(instance: InstanceToRegister, options?: WaitOptions): Promise<Registration>;
  /** A live view of one service; the same one for the same id, until it is closed. Throws `invalid` and `closed`. */
  service(serviceId: string): ServiceView;
  /** A live view of everything; each call makes one. Throws `closed`. */
  watchAll(): AllView;
  /** The ids of all services, asked once. Rejects with `unavailable`, `refused`, `aborted`, `closed`. */
  services(options?: WaitOptions): Promise<string[]>;
  /** The instances of one service, asked once; none when it is unknown. Rejects as `services` does. */
  instances(serviceId: string, options?: InstancesOptions): Promise<DiscoveredInstance[]>;
  /** Base URLs of the nodes that are known, in the order in which they would be tried. */
  readonly nodes: readonly string[];
  on<Name extends keyof ClientEvents>(name: Name, listener: (event: ClientEvents[Name]) => void): Unsubscribe;
  /** Unregisters everything, ends all views and connections. May be called again. */
  close(): Promise<void>;
}
