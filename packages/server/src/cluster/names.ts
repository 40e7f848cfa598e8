import type { Logger, Resolver } from '@artemis/core';
import type { PeerAddress } from '@artemis/core/config';
import { formatHostPort, parseHostPort } from '@artemis/core/config';
import type { PeerTarget } from './peer.js';

/** Names that stand for every address they resolve to. What a name resolved to last is kept while it cannot be looked up. */
export class PeerNames {
  readonly #resolver: Resolver;
  readonly #logger: Logger;
  /** By the text of their URL. */
  #names = new Map<
    string,
    { readonly name: PeerAddress; targets: readonly PeerTarget[]; failing: boolean }
  >();

  constructor(resolver: Resolver, logger: Logger) {
    this.#resolver = resolver;
    this.#logger = logger;
  }

  configure(names: readonly PeerAddress[]): void {
    const known = this.#names;
    this.#names = new Map(
      names.map((name) => [name.url, known.get(name.url) ?? { name, targets: [], failing: false }]),
    );
  }

  /** The addresses of all names, as last resolved. */
  get targets(): readonly PeerTarget[] {
    return [...this.#names.values()].flatMap(({ targets }) => targets);
  }

  /** Looks every name up. Never rejects. */
  async refresh(): Promise<void> {
    await Promise.all([...this.#names.keys()].map((url) => this.#resolve(url)));
  }

  async #resolve(url: string): Promise<void> {
    const entry = this.#names.get(url);
    const target = entry && parseHostPort(entry.name.address);
    if (entry === undefined || target === undefined) return;
    try {
      const found = await this.#resolver.resolve(target.host);
      entry.targets = targetsOf(entry.name, target.port, found);
      if (entry.failing) this.#logger.info(`The peers of ${target.host} are known again`);
      entry.failing = false;
    } catch (error) {
      if (!entry.failing) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#logger.warn(`Cannot look up the peers of ${target.host}: ${reason}`, {
          known: entry.targets.length,
        });
      }
      entry.failing = true;
    }
  }
}

function targetsOf(
  { address: host, url }: PeerAddress,
  port: number,
  found: readonly string[],
): PeerTarget[] {
  const scheme = url.slice(0, url.indexOf(':'));
  const addresses = [...new Set(found)].sort().map((ip) => formatHostPort({ host: ip, port }));
  return addresses.map((address) => ({ address, url: `${scheme}://${address}`, host }));
}
