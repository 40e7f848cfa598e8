/**
 * Every key of the configuration: the one table from which the type, the defaults, the names in file, environment and
 * code, the checks, the reference and the test of `artemis.example.toml` come. The file says `timeout_secs`, code says
 * `timeoutMs`: durations are milliseconds in code, whatever their documented unit.
 */
import { limits } from '../models/limits.js';
import type { ConfigKey, ConfigValue } from './keys.js';
import { bytes, choice, computed, integer, list, millis, secret, seconds, text, toggle } from './keys.js';
import { advertiseRule, idRule, listenRule, nodeIdRule, originRule, peerRule, secretRule } from './rules.js';

const mebibyte = 1024 * 1024;
const hourSecs = 3600;
const hourMs = hourSecs * 1000;

export const configSchema = {
  server: {
    about: 'This node, its place and its listener.',
    keys: {
      nodeId: computed(
        'node_id',
        'host name and port of listen_addr',
        nodeIdRule,
        'Name of this node, different from that of every other node and the same after a restart.',
      ),
      listenAddr: text(
        'listen_addr',
        '0.0.0.0:8080',
        listenRule,
        'Where the node listens. Port 0 takes any free port.',
      ),
      advertiseAddr: computed(
        'advertise_addr',
        'listen_addr, with the host name when that is 0.0.0.0 or [::]',
        advertiseRule,
        'Where other nodes and clients reach this node.',
      ),
      region: text(
        'region',
        'local',
        idRule,
        'Region of this node, told to clients that look for a near node.',
      ),
      zone: text('zone', 'zone1', idRule, 'Zone of this node within its region.'),
      maxBodyBytes: bytes(
        'max_body_bytes',
        8 * mebibyte,
        { min: 1024, max: 1024 * mebibyte },
        'Largest request body that is read, counted after decompression; larger ones are answered 413.',
      ),
      drainTimeoutMs: seconds(
        'drain_timeout_secs',
        10,
        { min: 0, max: hourSecs },
        'How long a stopping node waits for requests under way and for changes on their way to peers.',
      ),
      allowedOrigins: list(
        'allowed_origins',
        originRule,
        'Origins besides its own from which browsers may call this node.',
      ),
      trustProxy: toggle(
        'trust_proxy',
        false,
        'Take the address of a client from X-Forwarded-For. Only behind a proxy that sets it: anybody can send it.',
      ),
    },
  },
  cluster: {
    about: 'The other nodes, and how their state is watched.',
    keys: {
      enabled: toggle('enabled', false, 'Work with the nodes of peers. A node alone leaves peers unused.'),
      peers: list(
        'peers',
        peerRule,
        'The other nodes. The list may name this node too, so that every node can have the same list.',
      ),
      secret: secret(
        'secret',
        secretRule,
        'Password that nodes show each other, the same on all nodes. Without it, whoever reaches the port may replicate.',
      ),
      healthCheckIntervalMs: millis(
        'health_check_interval_ms',
        5000,
        { min: 10, max: hourMs },
        'Time between two probes of a peer: the slowest in which its state is noticed.',
      ),
      probeTimeoutMs: millis(
        'probe_timeout_ms',
        1000,
        { min: 10, max: hourMs },
        'How long a probe waits for its answer, at most health_check_interval_ms.',
      ),
    },
  },
  replication: {
    about: 'How changes travel to the peers.',
    keys: {
      enabled: toggle(
        'enabled',
        true,
        'Send the changes made here to the peers. What peers send is accepted always.',
      ),
      timeoutMs: seconds(
        'timeout_secs',
        5,
        { min: 1, max: hourSecs },
        'How long a request to a peer may take.',
      ),
      batchSize: integer(
        'batch_size',
        100,
        { min: 1, max: limits.batchItems },
        'That many waiting renewals leave at once, without waiting for the interval.',
      ),
      batchIntervalMs: millis(
        'batch_interval_ms',
        100,
        { min: 0, max: 60_000 },
        'How long renewals are collected before they leave in one request; 0 sends each at once. Below a third of lease.ttl_secs.',
      ),
      maxRetries: integer(
        'max_retries',
        3,
        { min: 0, max: 100 },
        'How often in a row a failed request is repeated before the peer is left until it answers a probe.',
      ),
      outboxLimit: integer(
        'outbox_limit',
        100_000,
        { min: 1, max: 10_000_000 },
        'Changes that may wait for one peer. Beyond it they are dropped, and the peer is sent the whole table once it is back.',
      ),
      compressMinBytes: bytes(
        'compress_min_bytes',
        16_384,
        { min: 0, max: 1024 * mebibyte },
        'Requests to peers above this size are sent with gzip.',
      ),
      maxConnectionsPerPeer: integer(
        'max_connections_per_peer',
        10,
        { min: 1, max: 1000 },
        'Connections that may be open to one peer.',
      ),
      tombstoneRetentionMs: seconds(
        'tombstone_retention_secs',
        hourSecs,
        { min: 1, max: 30 * 24 * hourSecs },
        `How long a removal is remembered, at least ${2 * limits.leaseTtlSecs}, so that no late message brings the instance back.`,
      ),
      maxClockDriftMs: millis(
        'max_clock_drift_ms',
        60_000,
        { min: 1, max: hourMs },
        'How far the clock of a change may be ahead of the clock here before the change is refused.',
      ),
    },
  },
  lease: {
    about: 'How long an instance stays without a heartbeat.',
    keys: {
      ttlMs: seconds(
        'ttl_secs',
        30,
        { min: 1, max: limits.leaseTtlSecs },
        'Lease of an instance that asks for none itself. Clients should send three heartbeats within it.',
      ),
      cleanupIntervalMs: seconds(
        'cleanup_interval_secs',
        60,
        { min: 1, max: hourSecs },
        'Longest time between two sweeps of the whole table for removals to forget. Expiry does not wait for it.',
      ),
    },
  },
  cache: {
    about: 'Prepared answers of discovery.',
    keys: {
      enabled: toggle('enabled', true, 'Keep the answer for a service until the service changes.'),
      expiryMs: seconds(
        'expiry_secs',
        300,
        { min: 1, max: 24 * hourSecs },
        'An answer unused for so long is dropped.',
      ),
    },
  },
  ratelimit: {
    about: 'Requests per client address. Health, metrics and requests of peers are never limited.',
    keys: {
      enabled: toggle('enabled', true, 'Answer 429 to an address that sends too many requests.'),
      requestsPerSecond: integer(
        'requests_per_second',
        10_000,
        { min: 1, max: 10_000_000 },
        'Requests per second that an address may send in the long run.',
      ),
      burstSize: integer(
        'burst_size',
        5000,
        { min: 1, max: 10_000_000 },
        'Requests that an address may send at once after a pause.',
      ),
    },
  },
  health: {
    about: 'When the node calls itself unhealthy.',
    keys: {
      maxLoopLagMs: millis(
        'max_loop_lag_ms',
        5000,
        { min: 10, max: hourMs },
        '/health answers 503 while the process is held up for longer than this.',
      ),
    },
  },
  logging: {
    about: 'The log, written to standard output.',
    keys: {
      level: choice(
        'level',
        'info',
        ['error', 'warn', 'info', 'debug'],
        'The least important messages that are written.',
      ),
      format: choice('format', 'text', ['text', 'json'], 'text for people, json for machines.'),
    },
  },
} as const satisfies Record<
  string,
  { about: string; keys: Record<string, ConfigKey<ConfigValue | undefined>> }
>;

type Schema = typeof configSchema;
type Values<Keys> = {
  readonly [Name in keyof Keys]: Keys[Name] extends ConfigKey<infer Value> ? Value : never;
};

/** The configuration as code uses it, complete and checked. Durations are milliseconds. */
export type ArtemisConfig = { readonly [Section in keyof Schema]: Values<Schema[Section]['keys']> };

/** A key with its place in the table. */
export interface SchemaKey extends ConfigKey<ConfigValue | undefined> {
  readonly section: string;
  /** `nodeId` */
  readonly codeName: string;
  /** `server.node_id` */
  readonly path: string;
  /** `ARTEMIS_SERVER_NODE_ID` */
  readonly variable: string;
}

/** All keys in the order of the table. */
export const configKeys: readonly SchemaKey[] = Object.entries(configSchema).flatMap(([section, { keys }]) =>
  Object.entries<ConfigKey<ConfigValue | undefined>>(keys).map(([codeName, key]) => ({
    ...key,
    section,
    codeName,
    path: `${section}.${key.name}`,
    variable: `ARTEMIS_${section}_${key.name}`.toUpperCase(),
  })),
);
