import { createServer } from 'node:http';
import { once } from 'node:events';
import { beforeAll, describe, expect } from '@jest/globals';
import { ArtemisCommand } from './harness/artemis-command.js';
import type { Child } from './harness/child.js';
import { eventually } from './harness/eventually.js';
import { startNode, type NodeProcess } from './harness/node-process.js';
import { freePort, host } from './harness/ports.js';
import { useStage } from './harness/stage.js';

const patience = { within: 60_000 };
const endMs = 30_000;

const stage = useStage();
const artemis = new ArtemisCommand(stage);
let node: NodeProcess;

beforeAll(async () => {
  node = await startNode(stage, { name: 'node1', port: await freePort() });
});

/** Runs a shell script as an instance of a service. */
function run(service: string, script: string, ...options: string[]): Child {
  const command = ['--', 'sh', '-c', script];
  return artemis.start([node.address], ['run', '--service', service, '--port', '9', ...options, ...command]);
}

async function untilIds(service: string, ids: readonly string[], of = node): Promise<void> {
  await eventually(async () => expect(await of.api.idsOf(service)).toEqual(ids), patience);
}

/** How an instance is, though it may not be up. */
async function statusOf(service: string): Promise<string | undefined> {
  const json = { discovery_config: { service_id: service, discovery_data: { status: 'any' } } };
  const { text } = await node.api.http.ask('POST', '/api/discovery/service.json', { json });
  const { service: found } = JSON.parse(text) as { service?: { instances: { status: string }[] } };
  return found?.instances[0]?.status;
}

const untilStatus = (service: string, status: string) =>
  eventually(async () => expect(await statusOf(service)).toBe(status), patience);

const forever = 'while :; do sleep 0.1; done';

describe('a program that runs', () => {
  stage.test(
    'is registered, with the input and output of the command, and unregistered with its exit code',
    async () => {
      const child = run(
        'plain',
        'read -r line; echo out; echo err >&2; sleep 1; exit 7',
        '--instance',
        'p1',
        '--lease-ttl',
        '600',
      );
      await eventually(() => expect(child.stderr).toContain('plain/p1: registered as up'), patience);
      expect(await child.exitWithin(endMs)).toEqual({ code: 7, signal: null });
      expect(child.stdout).toBe('out\n');
      expect(child.stderr).toContain('err\n');
      // Its lease would have lasted for ten minutes.
      expect(await node.api.idsOf('plain')).toEqual([]);
    },
  );

  stage.test('gets signals, and may do with them what it likes', async () => {
    const child = run(
      'polite',
      `trap 'echo bye; exit 3' TERM; trap 'echo usr' USR2; echo ready; ${forever}`,
      '--instance',
      'p1',
    );
    await untilIds('polite', ['p1']);
    await eventually(() => expect(child.stdout).toContain('ready'), patience);
    child.signal('SIGUSR2');
    await eventually(() => expect(child.stdout).toContain('usr'), patience);
    expect(await node.api.idsOf('polite')).toEqual(['p1']);
    child.signal('SIGTERM');
    expect(await child.exitWithin(endMs)).toEqual({ code: 3, signal: null });
    expect(child.stdout).toContain('bye');
    expect(await node.api.idsOf('polite')).toEqual([]);
  });

  stage.test('is unregistered when it is killed', async () => {
    const child = run('killed', `echo "pid $$"; ${forever}`, '--instance', 'k1', '--lease-ttl', '600');
    await untilIds('killed', ['k1']);
    const pid = await eventually(() => {
      const [, digits] = /pid (\d+)/.exec(child.stdout) ?? [];
      if (digits === undefined) throw new Error('it has not said its pid');
      return Number(digits);
    }, patience);
    process.kill(pid, 'SIGKILL');
    expect(await child.exitWithin(endMs)).toEqual({ code: 137, signal: null });
    expect(await node.api.idsOf('killed')).toEqual([]);
  });

  stage.test('keeps its lease', async () => {
    const child = run('kept', forever, '--instance', 'k1', '--lease-ttl', '2');
    await untilIds('kept', ['k1']);
    const renewed = new Set<number>();
    // An age that falls is a renewal; three of them are more than a lease.
    let last = Infinity;
    await eventually(async () => {
      const [lease] = await node.api.leases('kept');
      expect(lease).toBeDefined();
      if (lease !== undefined && lease.age_ms < last) renewed.add(renewed.size);
      last = lease?.age_ms ?? last;
      expect(renewed.size).toBeGreaterThan(4);
    }, patience);
    child.signal('SIGTERM');
    expect((await child.exitWithin(endMs)).code).toBe(143);
  });

  stage.test('that cannot be started ends as in a shell', async () => {
    const { code, err } = await artemis.run(
      [node.address],
      'run',
      '--service',
      's',
      '--port',
      '1',
      '--',
      'no-such-program',
    );
    expect(code).toBe(127);
    expect(err).toContain('artemis: cannot run no-such-program: there is no such program\n');
    expect(await node.api.idsOf('s')).toEqual([]);
  });
});

describe('a program with a check', () => {
  stage.test('is up, unhealthy and up again as the check says', async () => {
    let status = 503;
    const server = createServer((_request, response) => response.writeHead(status).end());
    server.listen(0, host);
    await once(server, 'listening');
    stage.defer(() => server.close());
    const { port } = server.address() as { port: number };
    const check = [
      '--check',
      `http://${host}:${port}/health`,
      '--check-interval',
      '0.1',
      '--check-down-after',
      '2',
    ];
    const child = run('checked', forever, '--instance', 'c1', ...check);
    await untilStatus('checked', 'starting');
    status = 204;
    await untilStatus('checked', 'up');
    status = 500;
    await untilStatus('checked', 'unhealthy');
    status = 200;
    await untilStatus('checked', 'up');
    child.signal('SIGTERM');
    await child.exitWithin(endMs);
    expect(child.stderr).toMatch(/unhealthy, its check fails: HTTP 500\n/);
    expect(await statusOf('checked')).toBeUndefined();
  });

  stage.test('may be checked by a connection to its port', async () => {
    const port = String(await freePort());
    const script = `require('node:net').createServer(() => {}).listen(${port}, '${host}')`;
    const child = artemis.start(
      [node.address],
      [
        'run',
        '--service',
        'tcp',
        '--port',
        port,
        '--check',
        `tcp://${host}:${port}`,
        '--',
        process.execPath,
        '-e',
        script,
      ],
    );
    await untilStatus('tcp', 'up');
    child.signal('SIGTERM');
    expect((await child.exitWithin(endMs)).code).toBe(143);
  });
});

describe('a node that is away', () => {
  stage.test('does not keep a program from running, and hears of it when it is there', async () => {
    const port = await freePort();
    const args = [
      'run',
      '--service',
      'early',
      '--port',
      '9',
      '--instance',
      'e1',
      '--',
      'sh',
      '-c',
      `echo up; ${forever}`,
    ];
    const child = artemis.start([`${host}:${port}`], args);
    await eventually(() => expect(child.stdout).toContain('up'), patience);
    await eventually(() => expect(child.stderr).toContain('not registered yet, no node answers'), patience);
    const late = await startNode(stage, { name: 'late', port });
    await untilIds('early', ['e1'], late);

    // And it goes away again.
    late.signal('SIGKILL');
    await late.exitWithin(endMs);
    expect(child.ended).toBe(false);
    child.signal('SIGTERM');
    expect((await child.exitWithin(endMs)).code).toBe(143);
  });
});
