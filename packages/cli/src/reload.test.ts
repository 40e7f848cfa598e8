import { loadConfig } from '@artemis/core/config';
import { describe, expect, it } from '@jest/globals';
import { Failure } from './failure.js';
import { collectingLogger } from './logger.fixture.js';
import { Reloader } from './reload.js';

const before = ['[server]', 'zone = "a"', '[cluster]', 'peers = ["node2:1"]', '[logging]', 'level = "info"'];

function load(lines: readonly string[]) {
  return loadConfig({ text: lines.join('\n'), file: 'a.toml', hostName: 'host1' });
}

function reloader() {
  const log = collectingLogger();
  const applied: (readonly string[])[] = [];
  let lines = before;
  let failure: Error | undefined;
  const subject = new Reloader({
    loaded: load(before),
    read() {
      if (failure !== undefined) throw failure;
      return load(lines);
    },
    node: { reload: ({ cluster }) => void applied.push(cluster.peers) },
    setLevel: (level) => log.logger.setLevel(level),
    logger: log.logger,
  });
  const replace = (from: string, to: string) => (lines = lines.map((line) => line.replace(from, to)));
  const valueOf = (path: string) => subject.settings.find(({ key }) => key.path === path)?.value;
  return { ...log, subject, applied, replace, valueOf, fail: (error: Error) => (failure = error) };
}

describe('Reloader', () => {
  it('applies what can change in a running node, and shows it as in effect', () => {
    const { subject, applied, replace, valueOf, levels, text } = reloader();
    replace('"node2:1"', '"node2:1", "node3:1"');
    replace('"info"', '"debug"');
    subject.reload();
    expect([applied, levels]).toEqual([[['node2:1', 'node3:1']], ['debug']]);
    expect([valueOf('cluster.peers'), valueOf('logging.level')]).toEqual([['node2:1', 'node3:1'], 'debug']);
    expect(text()).toEqual(['info Configuration reloaded: cluster.peers, logging.level']);
  });

  it('names what needs a restart, each time, and does not show it as in effect', () => {
    const { subject, applied, replace, valueOf, text } = reloader();
    replace('zone = "a"', 'zone = "b"');
    subject.reload();
    subject.reload();
    const line = 'warn server.zone has changed in the configuration: restart the node to apply it';
    expect(text().filter((one) => one === line)).toHaveLength(2);
    expect([applied, valueOf('server.zone')]).toEqual([[], 'a']);
  });

  it('refuses a wrong configuration as a whole, with everything that is wrong in it', () => {
    const { subject, applied, replace, text } = reloader();
    replace('"node2:1"', '"node3:1"');
    replace('"info"', '"loud"');
    replace('zone = "a"', 'zon = "a"');
    subject.reload();
    expect(applied).toEqual([]);
    expect(text()).toEqual([
      expect.stringMatching(/^error Configuration not reloaded: a\.toml:2: .*zon/),
      expect.stringMatching(/^error Configuration not reloaded: a\.toml:6: .*"loud"/),
    ]);
  });

  it('goes on when the file cannot be read', () => {
    const { subject, applied, fail, text } = reloader();
    fail(new Failure('cannot read the configuration file a.toml: there is no such file'));
    subject.reload();
    expect(applied).toEqual([]);
    expect(text()[0]).toContain('there is no such file');
  });

  it('takes any other error for a defect', () => {
    const { subject, fail } = reloader();
    fail(new TypeError('oops'));
    expect(() => subject.reload()).toThrow('oops');
  });

  it('has nothing to do when nothing has changed', () => {
    const { subject, applied, text } = reloader();
    subject.reload();
    expect(applied).toEqual([]);
    expect(text()).toEqual(['info Configuration read again: nothing to apply']);
  });
});
