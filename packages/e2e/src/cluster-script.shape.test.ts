import { existsSync, readFileSync } from 'node:fs';
import { aKey, anInstance } from '@artemis/core/testing';
import { beforeAll, describe, expect } from '@jest/globals';
import { ClusterScript } from './harness/cluster-script.js';
import { eventually } from './harness/eventually.js';
import { HttpClient } from './harness/http-client.js';
import { untilConnected } from './harness/node-process.js';
import { freePorts, host } from './harness/ports.js';
import { useStage } from './harness/stage.js';

const notAllReady = 3;
const success = { response_status: { error_code: 'success' } };

describe('cluster.sh', () => {
  const stage = useStage();
  let script: ClusterScript;
  let otherBasePort: number;

  beforeAll(async () => {
    const ports = await freePorts(10);
    script = new ClusterScript(stage, { basePort: ports[0] ?? 0 });
    otherBasePort = ports[5] ?? 0;
  });

  const pids = (...numbers: number[]): number[] => numbers.map((number) => script.pidOf(number));
  const start = (count: number, basePort = script.basePort): ReturnType<ClusterScript['run']> =>
    script.run(['start', String(count), String(basePort)]);

  stage.test('start brings up nodes that see each other, and prints what to try', async () => {
    const { code, stdout, stderr } = await start(3);
    expect([code, stderr]).toEqual([0, '']);
    for (const number of [1, 2, 3]) {
      const { name, address } = script.node(number);
      expect(stdout).toContain(`${name} ready at http://${address} (pid ${script.pidOf(number)})`);
    }
    await untilConnected([script.node(1), script.node(2), script.node(3)]);
    expect(await rows()).toEqual(
      [1, 2, 3].map((number) => [
        `node${number}`,
        String(script.pidOf(number)),
        `${host}:${script.basePort + number - 1}`,
        'ready',
        '2/2',
      ]),
    );
    await tryHints(stdout);
  });

  stage.test('start a second time leaves everything as it is', async () => {
    const before = pids(1, 2, 3);
    const { code, stdout } = await start(3);
    expect(code).toBe(0);
    expect(stdout).toContain('already running');
    expect(pids(1, 2, 3)).toEqual(before);
  });

  stage.test('start brings back a node that was killed, and it alone', async () => {
    const [first, killed = 0, third] = pids(1, 2, 3);
    process.kill(killed, 'SIGKILL');
    await eventually(async () => expect((await script.run(['status'])).code).toBe(notAllReady));
    expect((await rows()).map((row) => row[3])).toEqual(['ready', 'stopped', 'ready']);
    expect((await start(3)).code).toBe(0);
    const [firstNow, secondNow, thirdNow] = pids(1, 2, 3);
    expect([firstNow, thirdNow]).toEqual([first, third]);
    expect(secondNow).not.toBe(killed);
  });

  stage.test('logs shows the end of every log, or of one', async () => {
    const all = await script.run(['logs']);
    expect(all.code).toBe(0);
    expect(all.stdout).toMatch(/^node1 \| .* Node ID: node1, /m);
    expect(all.stdout).toMatch(/^node3 \| .* Node ID: node3, /m);
    const one = await script.run(['logs', '2']);
    expect(one.code).toBe(0);
    expect(script.node(2).log).toContain(one.stdout);
    expect(one.stdout).toContain('Node ID: node2, ');
    const none = await script.run(['logs', '9']);
    expect(none.code).toBe(1);
    expect(none.stderr).toContain("there is no log of a node '9'");
  });

  stage.test('start with more nodes, and with fewer again, loses no registration', async () => {
    await script.node(1).api.register([anInstance({ lease_ttl_secs: 300 })]);
    await untilListed([3]);

    expect((await start(5)).code).toBe(0);
    expect((await rows()).map((row) => row[3])).toEqual(Array(5).fill('ready'));
    await untilConnected([1, 2, 3, 4, 5].map((number) => script.node(number)));
    for (const number of [1, 2, 3, 4, 5])
      expect((await script.node(number).api.cluster()).peers).toHaveLength(4);
    // The nodes from before hand it to each other when they restart; new ones hear of it with the next heartbeat.
    await untilListed([1, 2, 3]);
    expect(await script.node(1).api.heartbeat([aKey()])).toMatchObject(success);
    await untilListed([4, 5]);

    const smaller = await start(3);
    expect(smaller.code).toBe(0);
    expect(smaller.stdout).toContain('not part of this cluster any more: node4, node5');
    expect(existsSync(script.file('pids', 'node4.pid'))).toBe(false);
    expect((await rows()).map((row) => row[0])).toEqual(['node1', 'node2', 'node3']);
    for (const number of [1, 2, 3]) expect((await script.node(number).api.cluster()).peers).toHaveLength(2);
    await untilListed([1, 2, 3]);
  });

  stage.test('restart gives every node a new process', async () => {
    const before = pids(1, 2, 3);
    expect((await script.run(['restart'])).code).toBe(0);
    for (const [index, pid] of pids(1, 2, 3).entries()) expect(pid).not.toBe(before[index]);
    expect((await rows()).map((row) => row[3])).toEqual(['ready', 'ready', 'ready']);
    await untilListed([1, 2, 3]);
  });

  stage.test('start with another base port moves the cluster', async () => {
    const { code, stdout } = await start(3, otherBasePort);
    expect(code).toBe(0);
    expect(stdout).toContain('the addresses change');
    expect((await rows()).map((row) => row[2])).toEqual(
      [0, 1, 2].map((index) => `${host}:${otherBasePort + index}`),
    );
    expect(readFileSync(script.file('config', 'node1.toml'), 'utf8')).toContain(
      `peers = ["http://${host}:${otherBasePort + 1}", "http://${host}:${otherBasePort + 2}"]`,
    );
    await expect(script.node(1).api.http.ask('GET', '/health')).rejects.toThrow('ECONNREFUSED');
  });

  stage.test('stop ends all nodes gently, and may be asked twice', async () => {
    const first = await script.run(['stop']);
    expect(first.code).toBe(0);
    for (const number of [1, 2, 3]) {
      expect(first.stdout).toContain(`node${number} stopped`);
      expect(script.node(number).log).toMatch(/ Stopped\n$/);
    }
    const second = await script.run(['stop']);
    expect([second.code, second.stdout]).toEqual([0, 'nothing is running\n']);
    const status = await script.run(['status']);
    expect(status.code).toBe(notAllReady);
    expect(status.stdout.match(/ stopped /g)).toHaveLength(3);
  });

  stage.test('clean leaves nothing behind, and may be asked twice', async () => {
    expect((await script.run(['clean'])).code).toBe(0);
    expect(existsSync(script.file())).toBe(false);
    expect((await script.run(['clean'])).stdout).toBe('there is no cluster here\n');
    const status = await script.run(['status']);
    expect(status.code).toBe(notAllReady);
    expect(status.stdout).toContain('there is no cluster here');
  });

  async function untilListed(numbers: readonly number[]): Promise<void> {
    for (const number of numbers) {
      const { api } = script.node(number);
      await eventually(async () => expect(await api.idsOf('test-service')).toEqual(['inst-1']));
    }
  }

  /** The cells of `status`, without its head. */
  async function rows(): Promise<string[][]> {
    const { stdout } = await script.run(['status']);
    const lines = stdout.trimEnd().split('\n');
    return lines.slice(1).map((line) => line.trim().split(/ {2,}/));
  }
});

/** Does what the printed curl commands do. */
async function tryHints(hints: string): Promise<void> {
  const [, registerUrl = '', body = ''] =
    /curl -s (\S+) -H 'Content-Type: application\/json' -d '(.*)'/.exec(hints) ?? [];
  const [, findUrl = ''] = /curl -s '(\S+)'/.exec(hints) ?? [];
  const [register, find] = [new URL(registerUrl), new URL(findUrl)];
  const registered = await new HttpClient(register.origin).ask('POST', register.pathname, {
    raw: body,
    headers: { 'Content-Type': 'application/json' },
  });
  expect(registered).toMatchObject({ status: 200, text: '{"response_status":{"error_code":"success"}}' });
  await eventually(async () => {
    const found = await new HttpClient(find.origin).ask('GET', find.pathname + find.search);
    expect(found.text).toContain('"instance_id":"inst-1"');
  });
  expect(hints).toMatch(/ARTEMIS_CLUSTER_DIR=\S+ \.\/cluster\.sh stop/);
}
