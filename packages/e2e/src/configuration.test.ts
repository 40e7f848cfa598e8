import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { anInstance } from '@artemis/core/testing';
import { describe, expect } from '@jest/globals';
import { artemisBin, Child } from './harness/child.js';
import { eventually } from './harness/eventually.js';
import { NodeProcess, startNode, untilConnected } from './harness/node-process.js';
import { freePort, freePorts, host } from './harness/ports.js';
import { useStage } from './harness/stage.js';

const failure = 1;

describe('the configuration', () => {
  const stage = useStage();

  async function run(
    args: readonly string[],
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = new Child(process.execPath, [artemisBin, ...args]);
    stage.defer(() => child.signal('SIGKILL'));
    const { code } = await child.exitWithin(30_000);
    return { code, stdout: child.stdout, stderr: child.stderr };
  }

  function file(name: string, text: string): string {
    const written = path.join(stage.folder, name);
    writeFileSync(written, text);
    return written;
  }

  stage.test('26: with unknown keys and wrong types is refused, naming file, line and key', async () => {
    const wrong = file(
      'wrong.toml',
      '[server]\nnode_id = "node1"\nlisten_adr = "127.0.0.1:1"\n\n[lease]\nttl_secs = "thirty"\n\n[clutser]\nenabled = true\n',
    );
    for (const command of [
      ['server', '--config', wrong],
      ['check-config', wrong],
    ]) {
      const { code, stdout, stderr } = await run(command);
      expect(code).toBe(failure);
      expect(stdout).toBe('');
      const lines = stderr.trimEnd().split('\n');
      expect(lines).toHaveLength(3);
      expect(lines[0]).toContain(`${wrong}:3: [server] listen_adr: unknown key`);
      expect(lines[0]).toContain('listen_addr');
      expect(lines[1]).toContain(`${wrong}:6: [lease] ttl_secs`);
      expect(lines[1]).toContain('"thirty"');
      expect(lines[2]).toContain(`${wrong}:8: [clutser]`);
    }
  });

  stage.test('that breaks a relation, is no TOML or is not there is refused', async () => {
    const slow = file('slow.toml', '[replication]\nbatch_interval_ms = 20000\n');
    const broken = file('broken.toml', '[server\n');
    const missing = path.join(stage.folder, 'missing.toml');
    const answers = await Promise.all([slow, broken, missing].map((one) => run(['server', '--config', one])));
    expect(answers.map(({ code }) => code)).toEqual([failure, failure, failure]);
    expect(answers[0]?.stderr).toMatch(/slow\.toml:2: .*batch_interval_ms.*ttl_secs/);
    expect(answers[1]?.stderr).toMatch(/broken\.toml:1:\d+: not valid TOML/);
    expect(answers[2]?.stderr).toContain(`${missing}: there is no such file`);
    for (const { stderr } of answers) expect(stderr).not.toMatch(/^ +at /m);
  });

  stage.test('26: whose peers name the node itself makes it skip itself', async () => {
    const ports = await freePorts(2);
    const peers = ports.map((port) => `${host}:${port}`);
    const nodes = await Promise.all(
      ports.map((port, index) => startNode(stage, { name: `node${index + 1}`, port, peers })),
    );
    await untilConnected(nodes);
    for (const [index, { api, log, address }] of nodes.entries()) {
      expect((await api.cluster()).peers.map((peer) => peer.address)).toEqual([peers[1 - index]]);
      expect(log).toContain(`Peer ${address} is this node itself, skipped`);
    }
    const [node1, node2] = nodes;
    await node1?.api.register([anInstance()]);
    await eventually(async () => expect(await node2?.api.idsOf('test-service')).toEqual(['inst-1']));
    expect((await node1?.api.metrics())?.sum('artemis_replication_received_items_total')).toBe(0);
  });

  stage.test('with an address that is taken ends the node with one clear line', async () => {
    const first = await startNode(stage, { name: 'first', port: await freePort() });
    const second = new NodeProcess(stage, { name: 'second', port: first.port });
    expect(await second.exitWithin(30_000)).toEqual({ code: failure, signal: null });
    const errors = second.log.split('\n').filter((line) => /error|taken/.test(line));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(`cannot listen on ${first.address}: the port is taken`);
    expect(second.log).not.toMatch(/^ +at /m);
    expect(await first.api.isReady()).toBe(true);
  });

  stage.test('is shown with the source of each value', async () => {
    const { configFile, api } = await startNode(stage, { name: 'shown', port: await freePort() });
    const line = readFileSync(configFile, 'utf8').split('\n').indexOf('node_id = "shown"') + 1;
    const { text } = await api.http.ask('GET', '/api/status/config.json');
    const { config } = JSON.parse(text) as { config: { key: string; value: unknown; source: string }[] };
    const row = config.find(({ key }) => key === 'server.node_id');
    expect(row).toEqual({ key: 'server.node_id', value: 'shown', source: `${configFile}:${line}` });
    const { code, stdout } = await run(['check-config', configFile]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^server\.node_id +"shown" +\S+$/m);
    expect(stdout).toMatch(/^lease\.ttl_secs +30 +default$/m);
  });
});
