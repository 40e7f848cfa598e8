import type {
  AllView,
  ArtemisClient,
  ClientEvents,
  DiscoveredInstance,
  InstanceChange,
  InstanceToRegister,
  Registration,
  RegistrationEvents,
  RegistrationUpdate,
  ServiceView,
} from '@artemis/client';
import { anInstance } from '@artemis/core/testing';

type Listener = (event: never) => void;

class Listeners<Events> {
  readonly #all: [keyof Events, Listener][] = [];

  readonly on = <Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void) => {
    this.#all.push([name, listener]);
    return () => undefined;
  };

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const [of, listener] of this.#all) if (of === name) listener(event as never);
  }
}

/** A client whose cluster is the test. */
export class FakeClient {
  readonly events = new Listeners<ClientEvents>();
  readonly registration = new Listeners<RegistrationEvents>();
  readonly #changes = new Listeners<{ change: never }>();
  /** Everything that was asked of it, in order. */
  readonly asked: string[] = [];
  registered: InstanceToRegister | undefined;
  /** What `register` does besides. */
  taking: () => Promise<void> = async () => undefined;
  updating: () => Promise<void> = async () => undefined;
  closing: () => Promise<void> = async () => undefined;
  /** Of the view that was asked for. */
  instances: readonly DiscoveredInstance[] = [];
  #ready: () => void = () => undefined;
  readonly #whenReady = new Promise<void>((resolve) => (this.#ready = resolve));

  get client(): ArtemisClient {
    const view = { on: this.#changes.on, ready: () => this.#whenReady } as const;
    const shown = () => this.instances;
    return {
      on: this.events.on,
      register: async (instance: InstanceToRegister) => {
        this.asked.push(`register ${instance.status}`);
        await this.taking();
        this.registered = instance;
        return this.#handle();
      },
      service: (serviceId: string) => {
        this.asked.push(`service ${serviceId}`);
        return {
          ...view,
          serviceId,
          get instances() {
            return shown();
          },
        } as unknown as ServiceView;
      },
      watchAll: () => {
        this.asked.push('watchAll');
        return { ...view, serviceIds: ['orders'], instances: shown } as unknown as AllView;
      },
      close: async () => {
        this.asked.push('close client');
        await this.closing();
      },
    } as Partial<ArtemisClient> as ArtemisClient;
  }

  /** The first answer is complete. */
  ready(): void {
    this.#ready();
  }

  /** To views of one service. */
  change(...changes: readonly InstanceChange[]): void {
    this.#changes.emit('change', { changes, instances: this.instances } as never);
  }

  /** To views of everything. */
  changeOfAll(change: InstanceChange): void {
    this.#changes.emit('change', change as never);
  }

  #handle(): Registration {
    return {
      on: this.registration.on,
      update: async ({ status }: RegistrationUpdate) => {
        this.asked.push(`update ${status}`);
        await this.updating();
      },
      close: async () => {
        this.asked.push('close registration');
        await this.closing();
      },
    } as Partial<Registration> as Registration;
  }
}

export function aChange(
  changes: Partial<InstanceChange> & { readonly id?: string; readonly status?: 'up' | 'down' },
): InstanceChange {
  const { id = 'orders-1', status = 'up', ...rest } = changes;
  return {
    change_type: 'new',
    instance: anInstance({ service_id: 'orders', instance_id: id, status }),
    change_time: '2020-01-02T03:04:05.678Z',
    revision: 1,
    ...rest,
  };
}
