import { CollectedLogger, SimNames } from '@artemis/core/testing';
import { parsePeer } from '@artemis/core/config';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { PeerNames } from './names.js';

let resolver: SimNames;
let logger: CollectedLogger;
let names: PeerNames;

beforeEach(() => {
  resolver = new SimNames();
  logger = new CollectedLogger();
  names = new PeerNames(resolver, logger);
});

function configure(...texts: string[]): void {
  names.configure(texts.map((text) => parsePeer(text)).filter((name) => name !== undefined));
}

const addresses = () => names.targets.map(({ address }) => address);

describe('PeerNames', () => {
  it('is every address of a name, each once, called by the name', async () => {
    resolver.set('nodes.local', ['10.0.0.2', '10.0.0.1', '10.0.0.2', 'fd00::1']);
    configure('dns+https://nodes.local:8443');
    await names.refresh();
    expect(names.targets).toEqual([
      { address: '10.0.0.1:8443', url: 'https://10.0.0.1:8443', host: 'nodes.local:8443' },
      { address: '10.0.0.2:8443', url: 'https://10.0.0.2:8443', host: 'nodes.local:8443' },
      { address: '[fd00::1]:8443', url: 'https://[fd00::1]:8443', host: 'nodes.local:8443' },
    ]);
  });

  it('follows a name whose addresses change', async () => {
    resolver.set('nodes.local', ['10.0.0.1', '10.0.0.2']);
    configure('dns+http://nodes.local:8080');
    await names.refresh();
    resolver.set('nodes.local', ['10.0.0.2', '10.0.0.3']);
    await names.refresh();
    expect(addresses()).toEqual(['10.0.0.2:8080', '10.0.0.3:8080']);
  });

  it('keeps what it knows while the name cannot be looked up, and says so once', async () => {
    resolver.set('nodes.local', ['10.0.0.1']);
    configure('dns+http://nodes.local:8080');
    await names.refresh();
    resolver.set('nodes.local', []);
    await names.refresh();
    await names.refresh();
    expect(addresses()).toEqual(['10.0.0.1:8080']);
    expect(logger.text().match(/Cannot look up/g)).toHaveLength(1);
    resolver.set('nodes.local', ['10.0.0.2']);
    await names.refresh();
    expect(addresses()).toEqual(['10.0.0.2:8080']);
    expect(logger.text()).toContain('known again');
  });

  it('forgets the addresses of a name that is no longer listed', async () => {
    resolver.set('a.local', ['10.0.0.1']);
    resolver.set('b.local', ['10.0.0.2']);
    configure('dns+http://a.local:1', 'dns+http://b.local:1');
    await names.refresh();
    configure('dns+http://b.local:1');
    expect(addresses()).toEqual(['10.0.0.2:1']);
  });
});
