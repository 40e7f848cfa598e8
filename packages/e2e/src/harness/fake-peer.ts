import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { once } from 'node:events';
import { apiRoutes, softwareVersion, type NodeStatus, type RouteName } from '@artemis/core';
import { host } from './ports.js';
import { accept, sendJson, type Reaction } from './reactions.js';
import type { Stage } from './stage.js';

export type DeliveryKind = 'register' | 'heartbeat' | 'unregister';

/** A request of the replication, as a peer got it. */
export interface Delivery {
  readonly kind: DeliveryKind;
  readonly items: readonly DeliveredItem[];
  readonly headers: IncomingHttpHeaders;
  /** Bytes of the body as it travelled. */
  readonly bytes: number;
  /** Bytes of the body after decompression. */
  readonly plainBytes: number;
  /** By the monotonic clock of the test. */
  readonly atMs: number;
  /** Whether it was answered with success. */
  readonly accepted: boolean;
}

export interface DeliveredItem {
  readonly instance_id: string;
  readonly status?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly version?: readonly unknown[];
  readonly replica?: { readonly version: readonly unknown[]; readonly state: string };
}

const kinds: Readonly<Record<string, DeliveryKind>> = {
  [pathOf('replicaRegister')]: 'register',
  [pathOf('replicaHeartbeat')]: 'heartbeat',
  [pathOf('replicaUnregister')]: 'unregister',
};

function pathOf(route: RouteName): string {
  return `${apiRoutes[route].path}.json`;
}

/** A server that looks like a node to other nodes, writes down what they send, and reacts as the test says. */
export class FakePeer {
  /** How the next deliveries are answered. */
  react: Reaction = accept;
  /** Whether it says who it is. One that does not is only known to be healthy, as a registry of another make is. */
  introducesItself = true;
  readonly deliveries: Delivery[] = [];
  readonly port: number;
  readonly #name: string;
  readonly #server: Server;

  private constructor(name: string, server: Server) {
    this.#name = name;
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('request', (request, response) => {
      const { url, method } = request;
      if (method === 'GET' && url === pathOf('node') && this.introducesItself) {
        sendJson(response, 200, this.#status());
        return;
      }
      if (method === 'GET' && url === apiRoutes.health.path) {
        response.setHeader('Content-Type', 'text/plain').end('OK');
        return;
      }
      const kind = kinds[url ?? ''];
      if (kind === undefined) {
        sendJson(response, 404, {});
        return;
      }
      const react = this.react;
      void readAll(request).then((body) => {
        this.deliveries.push({ ...read(kind, request.headers, body), accepted: react === accept });
        react(response);
      });
    });
  }

  static async start(stage: Stage, name: string): Promise<FakePeer> {
    const server = createServer().listen({ host, port: 0 });
    await once(server, 'listening');
    stage.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    return new FakePeer(name, server);
  }

  get address(): string {
    return `${host}:${this.port}`;
  }

  /** Ends connections on which something hangs. */
  cutConnections(): void {
    this.#server.closeAllConnections();
  }

  /** The deliveries that concern this instance. */
  about(instanceId: string, kind?: DeliveryKind): Delivery[] {
    return this.deliveries.filter(
      (delivery) =>
        (kind === undefined || delivery.kind === kind) &&
        delivery.items.some((item) => item.instance_id === instanceId),
    );
  }

  /** The newest state of an instance among what was accepted; `undefined` when nothing was. */
  accepted(instanceId: string): DeliveredItem | undefined {
    const delivery = this.about(instanceId).findLast(
      ({ accepted, kind }) => accepted && kind !== 'heartbeat',
    );
    return delivery?.items.find((item) => item.instance_id === instanceId);
  }

  #status(): NodeStatus {
    return {
      node_id: this.#name,
      run_id: `run-of-${this.#name}`,
      status: 'up',
      region: 'local',
      zone: 'zone1',
      address: this.address,
      wall_time_ms: Date.now(),
      version: softwareVersion,
      revision: 0,
      live_records: 0,
      uptime_ms: 0,
    };
  }
}

function read(kind: DeliveryKind, headers: IncomingHttpHeaders, body: Buffer): Omit<Delivery, 'accepted'> {
  const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  const content = JSON.parse(plain.toString('utf8')) as Record<string, DeliveredItem[] | undefined>;
  return {
    kind,
    items: content[kind === 'register' ? 'instances' : 'instance_keys'] ?? [],
    headers,
    bytes: body.length,
    plainBytes: plain.length,
    atMs: performance.now(),
  };
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
