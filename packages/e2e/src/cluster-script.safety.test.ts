import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { beforeAll, describe, expect } from '@jest/globals';
import { Child } from './harness/child.js';
import { ClusterScript, nodesUnder } from './harness/cluster-script.js';
import { eventually } from './harness/eventually.js';
import { freePorts, host } from './harness/ports.js';
import { useStage } from './harness/stage.js';

describe('cluster.sh', () => {
  const stage = useStage();
  let basePort: number;

  beforeAll(async () => {
    [basePort = 0] = await freePorts(3);
  });

  /** A cluster of its own; the ports are free again because the one before has ended. */
  function cluster(folder: string): ClusterScript {
    return new ClusterScript(stage, { basePort, folder });
  }

  const port = (): string => String(basePort);

  /** A program that stands in for artemis. */
  function program(name: string, source: string): string {
    const file = path.join(stage.folder, `${name}.mjs`);
    writeFileSync(file, source);
    return file;
  }

  stage.test('keeps an edited configuration, and refuses to start where it does not fit', async () => {
    const script = cluster('edited');
    await script.start(1);
    const file = script.file('config', 'node1.toml');
    appendFileSync(file, '\n[lease]\nttl_secs = 77\n');
    const edited = readFileSync(file, 'utf8');
    expect((await script.run(['restart'])).code).toBe(0);
    const { text } = await script.node(1).api.http.ask('GET', '/api/status/config.json');
    expect(text).toContain('"key":"lease.ttl_secs","value":77');

    const pid = script.pidOf(1);
    const { code, stderr } = await script.run(['start', '2', port()]);
    expect(code).toBe(1);
    expect(stderr).toContain('an edited configuration does not fit this cluster; nothing was changed');
    expect(stderr).toContain(file);
    expect(readFileSync(file, 'utf8')).toBe(edited);
    expect(existsSync(script.file('config', 'node2.toml'))).toBe(false);
    expect(script.pidOf(1)).toBe(pid);
    expect((await script.run(['status'])).code).toBe(0);
    expect((await script.run(['stop'])).code).toBe(0);
  });

  stage.test('refuses a port that is taken before it starts anything', async () => {
    const script = cluster('taken');
    const server = createServer().listen({ host, port: basePort + 1 });
    await once(server, 'listening');
    try {
      const { code, stdout, stderr } = await script.run(['start', '2', port()]);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain(`port ${basePort + 1} for node2 is taken by another program`);
      expect(stderr).toMatch(/nothing was started\. .* start 2 \d+/);
      expect(nodesUnder(script.home)).toEqual([]);
      expect(existsSync(script.file('config'))).toBe(false);
    } finally {
      server.close();
      await once(server, 'close');
    }
  });

  stage.test('shows the log of a node that ends before it is ready, and starts nothing', async () => {
    const script = cluster('dying');
    const bin = program('dying', 'console.log("cannot live like this"); process.exit(3);');
    const { code, stderr } = await script.run(['start', '2', port()], { env: { ARTEMIS_BIN: bin } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/node[12] ended before it was ready/);
    expect(stderr).toContain('  cannot live like this');
    expect(existsSync(script.file('pids', 'node1.pid'))).toBe(false);
  });

  stage.test('shows the log of a node that never gets ready, and ends it', async () => {
    const script = cluster('never-ready');
    const bin = program('never-ready', 'console.log("thinking about it"); setInterval(() => {}, 1000);');
    const env = { ARTEMIS_BIN: bin, ARTEMIS_CLUSTER_TIMEOUT: '1' };
    const { code, stderr } = await script.run(['start', '1', port()], { env });
    expect(code).toBe(1);
    expect(stderr).toContain('node1 was not ready within 1 s (ARTEMIS_CLUSTER_TIMEOUT); it did not answer');
    expect(stderr).toContain('  thinking about it');
    expect(nodesUnder(script.home)).toEqual([]);
  });

  stage.test('takes back what it started when the start is interrupted', async () => {
    const script = cluster('interrupted');
    const bin = program('interrupted', 'console.log("slow"); setInterval(() => {}, 1000);');
    const child = script.spawn(['start', '2', port()], { env: { ARTEMIS_BIN: bin } });
    await eventually(() => expect(nodesUnder(script.home)).toHaveLength(2));
    child.signal('SIGINT');
    expect((await child.exitWithin(20_000)).code).toBe(130);
    await eventually(() => expect(nodesUnder(script.home)).toEqual([]));
  });

  stage.test('spares a process that has got the pid of a node', async () => {
    const script = cluster('foreign');
    const foreign = new Child(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    stage.defer(() => foreign.signal('SIGKILL'));
    mkdirSync(script.file('pids'), { recursive: true });
    const pidFile = script.file('pids', 'node1.pid');
    for (const command of [['stop'], ['start', '1', port()], ['clean']]) {
      if (command[0] !== 'clean') writeFileSync(pidFile, `${foreign.pid}\n`);
      const { code, stdout } = await script.run(command);
      expect(code).toBe(0);
      if (command[0] !== 'clean')
        expect(stdout).toContain(`process ${foreign.pid} is not ours any more; removed its pid file`);
    }
    expect(foreign.ended).toBe(false);
    expect(nodesUnder(script.home)).toEqual([]);
  });

  stage.test('started twice at the same time starts one cluster', async () => {
    const script = cluster('twice');
    const outcomes = await Promise.all([1, 2, 3].map(() => script.run(['start', '2', port()])));
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(outcomes.filter(({ stdout }) => stdout.includes('already running'))).toHaveLength(2);
    expect(outcomes.filter(({ stdout }) => stdout.includes('waiting for another cluster.sh'))).toHaveLength(
      2,
    );
    expect(nodesUnder(script.home).sort()).toEqual([script.pidOf(1), script.pidOf(2)].sort());
    expect((await script.run(['status'])).code).toBe(0);
    expect((await script.run(['stop'])).code).toBe(0);
  });
});
