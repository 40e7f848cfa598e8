import { describe, expect, it } from '@jest/globals';
import { checkedBy, configOf, readDeploy, secondsOf } from './deployment.js';

const unit = readDeploy('systemd/artemis.service');
const settings = new Map(
  [...unit.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
);
const config = configOf(readDeploy('systemd/artemis.toml'));

describe('the unit of systemd', () => {
  const systemd = { program: 'systemd-analyze', from: 'systemd' };
  const file = 'systemd/artemis.service';
  checkedBy(systemd, 'is valid', ['verify', '--man=no', file]);
  // 10 is a service without any protection; 2 leaves room for what a later version looks at besides.
  checkedBy(systemd, 'is well shut in', ['security', '--offline=true', '--threshold=20', '--no-pager', file]);

  it('has a configuration that a node takes', () => {
    expect(config.cluster.enabled).toBe(true);
    expect(config.cluster.peers).toHaveLength(3);
    expect(settings.get('ExecStart')).toMatch(/ server --config \/etc\/artemis\/artemis\.toml$/);
  });

  it('gives the node the time to drain', () => {
    expect(secondsOf(settings.get('TimeoutStopSec'))).toBeGreaterThan(
      config.server.drainTimeoutMs / 1000 + 5,
    );
  });

  it('lets the node write where its store is', () => {
    expect(settings.get('Environment')).toContain(
      `ARTEMIS_STORAGE_DATA_DIR=/var/lib/${settings.get('StateDirectory')}`,
    );
  });

  it('reloads by the signal that a node knows', () => {
    expect(settings.get('ExecReload')).toBe('/bin/kill -HUP $MAINPID');
  });
});
