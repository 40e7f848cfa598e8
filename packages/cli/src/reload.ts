/** What SIGHUP does: the configuration is read again, and what can change in a running node is applied. */
import type { Logger } from '@artemis/core';
import type { LoadedConfig, Setting } from '@artemis/core/config';
import { ConfigError } from '@artemis/core/config';
import type { ArtemisNode } from '@artemis/server';
import { Failure } from './failure.js';

/** The keys that take effect without a restart. */
const liveKeys: ReadonlySet<string> = new Set([
  'cluster.peers',
  'logging.level',
  'ratelimit.enabled',
  'ratelimit.requests_per_second',
  'ratelimit.burst_size',
]);

interface ReloaderOptions {
  readonly loaded: LoadedConfig;
  /** @throws ConfigError, Failure when the configuration cannot be used */
  readonly read: () => LoadedConfig;
  readonly node: Pick<ArtemisNode, 'reload'>;
  readonly setLevel: (level: string) => void;
  readonly logger: Logger;
}

/** The configuration in effect, and how a new one comes into effect: as a whole, or not at all. */
export class Reloader {
  readonly #options: ReloaderOptions;
  #settings: readonly Setting[];

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#settings = options.loaded.settings;
  }

  /** Every key with the value that is in effect. */
  get settings(): readonly Setting[] {
    return this.#settings;
  }

  reload(): void {
    const { read, node, setLevel, logger } = this.#options;
    const outcome = tryTo(read);
    if ('problem' in outcome) {
      for (const line of outcome.problem.split('\n')) logger.error(`Configuration not reloaded: ${line}`);
      return;
    }
    const { config, settings } = outcome.value;
    const changed = settings.filter((setting) => !sameValue(setting, this.#settings));
    const applied = changed.filter(({ key }) => liveKeys.has(key.path));
    const inEffect = new Map(applied.map((setting) => [setting.key.path, setting]));
    this.#settings = this.#settings.map((setting) => inEffect.get(setting.key.path) ?? setting);
    for (const { key } of changed) {
      if (liveKeys.has(key.path)) continue;
      logger.warn(`${key.path} has changed in the configuration: restart the node to apply it`);
    }
    if (applied.length === 0) {
      logger.info('Configuration read again: nothing to apply');
      return;
    }
    node.reload(config);
    setLevel(config.logging.level);
    logger.info(`Configuration reloaded: ${applied.map(({ key }) => key.path).join(', ')}`);
  }
}

function sameValue({ key, value }: Setting, settings: readonly Setting[]): boolean {
  const before = settings.find((setting) => setting.key.path === key.path)?.value;
  return JSON.stringify(before) === JSON.stringify(value);
}

/** A configuration that cannot be used is no reason to stop; anything else is a defect. */
function tryTo<Value>(read: () => Value): { readonly value: Value } | { readonly problem: string } {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof ConfigError || error instanceof Failure) return { problem: error.message };
    throw error;
  }
}
