// For AsyncDisposable: not every target of the compiler brings it.
/// <reference lib="esnext.disposable" preserve="true" />

export type { ArtemisClient, ClientEvents, InstancesOptions } from './artemis-client.js';
export { createClient } from './client.js';
export { ClientError } from './client-error.js';
export type { ClientErrorCode, ClientErrorDetails } from './client-error.js';
export type { DiscoveredInstance, InstanceChange } from './discovered-instance.js';
export type { Unsubscribe } from './emitter.js';
export type {
  ClientEnvironment,
  ClientSocket,
  Fetch,
  FetchedResponse,
  FetchOptions,
  SocketEnd,
  SocketListener,
} from './environment.js';
export type {
  ClientCounter,
  ClientLogger,
  ClientMetrics,
  ClientOptions,
  ClientTransport,
  WaitOptions,
} from './options.js';
export type {
  InstanceToRegister,
  Registration,
  RegistrationEvents,
  RegistrationState,
  RegistrationUpdate,
} from './registration/registration.js';
export { MemorySnapshots } from './snapshots/memory-snapshots.js';
export type { ServiceSnapshot, SnapshotStore } from './snapshots/snapshot-store.js';
export { systemEnvironment } from './system.js';
export type { AllView, AllViewEvents } from './view/all-view.js';
export type { CallOutcome, PickOptions, PickStrategy } from './balance/pick-options.js';
export type { ServiceView, ServiceViewEvents } from './view/service-view.js';
