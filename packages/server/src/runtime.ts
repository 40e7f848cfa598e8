/** The real outside: the one file of the server that touches clocks, timers, chance and its process itself. */
import { randomBytes, randomInt } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { hostname } from 'node:os';
import type { Cancel, Clock, Logger, Random, Resolver, Runtime, Scheduler } from '@artemis/core';
import type { ConfigOverrides } from '@artemis/core/config';
import { defaultConfig } from '@artemis/core/config';
import { HttpPeerTransport } from './replication/client.js';
import { createStore } from './storage/create-store.js';
import type { ProcessFacts } from './storage/directory-lock.js';
import { processPort, threadPort } from './storage/store-ports.js';

/**
 * What a node of this process runs on, made for one run of one node: its connections and its store are closed with it.
 *
 * @param config that of the node; what it does not say has its default
 * @param logger default: says nothing
 * @throws ConfigError with everything that is wrong with the configuration
 */
export function systemRuntime(config: ConfigOverrides = {}, logger: Logger = silentLogger): Runtime {
  const { replication, storage } = defaultConfig(config);
  const { maxConnectionsPerPeer, compressMinBytes } = replication;
  return {
    clock: systemClock,
    scheduler: systemScheduler,
    random: systemRandom,
    transport: new HttpPeerTransport({ maxConnectionsPerPeer, compressMinBytes, scheduler: systemScheduler }),
    resolver: systemResolver,
    store: createStore(storage, {
      clock: systemClock,
      scheduler: systemScheduler,
      random: systemRandom,
      logger,
      facts: systemProcess,
      startThread: threadPort,
      startProcess: processPort,
    }),
    logger,
  };
}

const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};

const systemResolver: Resolver = {
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
};

/** Timers of Node count in 31 bits; a longer delay would fire at once. */
const longestDelayMs = 2 ** 31 - 1;

const systemScheduler: Scheduler = {
  soon(task: () => void): Cancel {
    const immediate = setImmediate(task);
    return () => clearImmediate(immediate);
  },
  after(delayMs: number, task: () => void): Cancel {
    let timer: NodeJS.Timeout;
    const wait = (remainingMs: number): void => {
      const restMs = remainingMs - longestDelayMs;
      // A fraction is rounded up: a task must not come before its time.
      timer =
        restMs > 0 ? setTimeout(wait, longestDelayMs, restMs) : setTimeout(task, Math.ceil(remainingMs));
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
  every(intervalMs: number, task: () => void): Cancel {
    const timer = setInterval(task, Math.min(intervalMs, longestDelayMs));
    return () => clearInterval(timer);
  },
};

/** As many values as `randomInt` can draw from. */
const drawn = 2 ** 48 - 1;
const digits = '0123456789abcdefghijklmnopqrstuvwxyz';

/** Bytes from here on would make the first digits more likely than the others. */
const fairBytes = 256 - (256 % digits.length);
/** Digits that are drawn at once: there is an id for every request, and it is cut from them. */
const drawnDigits = 4096;

class RandomDigits {
  #digits = '';
  #next = 0;

  take(length: number): string {
    if (this.#next + length > this.#digits.length) {
      this.#digits = drawDigits(Math.max(length, drawnDigits));
      this.#next = 0;
    }
    const start = this.#next;
    this.#next += length;
    return this.#digits.slice(start, this.#next);
  }
}

function drawDigits(count: number): string {
  const codes = Buffer.alloc(count);
  for (let drawn = 0; drawn < count;) {
    for (const byte of randomBytes(count - drawn)) {
      if (byte >= fairBytes) continue;
      codes[drawn] = digits.charCodeAt(byte % digits.length);
      drawn += 1;
    }
  }
  return codes.toString('latin1');
}

const randomDigits = new RandomDigits();

const systemRandom: Random = {
  next: () => randomInt(drawn) / drawn,
  id: (length) => randomDigits.take(length),
};

/** For embedding and tests: says nothing. */
export const silentLogger: Logger = {
  error() {},
  warn() {},
  info() {},
  debug() {},
};

const systemProcess: ProcessFacts = {
  pid: process.pid,
  hostName: hostname(),
  isAlive(pid) {
    try {
      return process.kill(pid, 0);
    } catch (error) {
      // Somebody else's process lives, too.
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  },
};
