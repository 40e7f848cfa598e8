import { bytes, computed, list, seconds, text, toggle } from '../keys.js';
import { advertiseRule, idRule, listenRule, nodeIdRule, originRule } from '../rules.js';
import type { ConfigSection } from './section.js';

const mebibyte = 1024 * 1024;
const hourSecs = 3600;

export const server = {
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
} as const satisfies ConfigSection;
