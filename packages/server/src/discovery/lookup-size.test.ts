import { describe, expect, it } from '@jest/globals';
import { DiscoveryTable, instanceAt } from './table.fixture.js';

describe('a lookup', () => {
  const table = new DiscoveryTable();
  const large = { metadata: { a: 'x'.repeat(16_000) } };
  table.register(...Array.from({ length: 300 }, (_, n) => instanceAt(`eu/z1/large-${n}`, large)));
  const configs = (count: number) => Array<{ service_id: string }>(count).fill({ service_id: 'orders' });

  it('may ask for the same service more than once', () => {
    expect(table.discovery.lookup({ discovery_configs: configs(6) }).services).toHaveLength(6);
  });

  it('is refused when its answer would be too large, without looking further', () => {
    let read = 0;
    const all = configs(10_000).map(() => ({
      get service_id() {
        read += 1;
        return 'orders';
      },
    }));
    expect(table.discovery.lookup({ discovery_configs: all })).toEqual({
      response_status: {
        error_code: 'bad-request',
        error_message:
          'discovery_configs: their answer would be larger than 33554432 bytes, ask for fewer at once',
      },
      revision: 300,
      log_id: 'node1#run',
    });
    expect(read).toBeLessThan(100);
  });
});
