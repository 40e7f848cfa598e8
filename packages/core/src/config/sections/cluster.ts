import { list, millis, secret, toggle } from '../keys.js';
import { peerRule, secretRule } from '../rules.js';
import type { ConfigSection } from './section.js';

const hourSecs = 3600;
const hourMs = hourSecs * 1000;

export const cluster = {
  about: 'The other nodes, and how their state is watched.',
  keys: {
    enabled: toggle('enabled', false, 'Work with the nodes of peers. A node alone leaves peers unused.'),
    peers: list(
      'peers',
      peerRule,
      'The other nodes; dns+ before a URL stands for every address of its name. This node may be among them, so that every node can have the same list.',
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
} as const satisfies ConfigSection;
