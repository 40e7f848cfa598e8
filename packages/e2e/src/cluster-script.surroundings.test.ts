import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect } from '@jest/globals';
import { checkout } from './harness/child.js';
import { ClusterScript } from './harness/cluster-script.js';
import { untilConnected } from './harness/node-process.js';
import { freePorts } from './harness/ports.js';
import { useStage } from './harness/stage.js';

describe('cluster.sh', () => {
  const stage = useStage();
  let script: ClusterScript;
  let port: string;

  beforeAll(async () => {
    const [basePort = 0] = await freePorts(2);
    port = String(basePort);
    script = new ClusterScript(stage, { basePort, folder: 'a folder, with (spaces) & $signs' });
  });

  const wrong: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [['strat'], /unknown command 'strat'/],
    [['start', '0'], /N, the number of nodes, must be a whole number from 1 to 20, not '0'/],
    [['start', '21'], /from 1 to 20, not '21'/],
    [['start', 'three'], /not 'three'/],
    [['start', '3', '99999'], /base_port for 3 nodes must be a whole number from 1 to 65533/],
    [['start', '3', '8080', 'now'], /too many arguments for start/],
    [['stop', 'node1'], /too many arguments for stop/],
    [['logs', '1', '2'], /too many arguments for logs/],
  ];

  stage.test('answers a wrong command line with exit code 2', async () => {
    const outcomes = await Promise.all(wrong.map(([args]) => script.run(args)));
    for (const [index, { code, stdout, stderr }] of outcomes.entries()) {
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(wrong[index]?.[1] ?? /./);
    }
    const badTimeout = await script.run(['start', '1', port], { env: { ARTEMIS_CLUSTER_TIMEOUT: 'soon' } });
    expect(badTimeout.code).toBe(2);
    expect(badTimeout.stderr).toContain(
      "ARTEMIS_CLUSTER_TIMEOUT must be a number of seconds above 0, not 'soon'",
    );
  });

  stage.test('explains itself', async () => {
    for (const args of [[], ['help'], ['--help'], ['-h']]) {
      const { code, stdout } = await script.run(args);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^Usage: \.\/cluster\.sh COMMAND/);
    }
  });

  stage.test('works whatever surrounds it: paths, directory, variables, no standard input', async () => {
    // Called through a link, from another directory, by a relative path that CDPATH would lead astray.
    const link = path.join(stage.folder, 'linked cluster.sh');
    symlinkSync(path.join(checkout, 'cluster.sh'), link);
    const around = {
      script: './linked cluster.sh',
      cwd: stage.folder,
      stdin: 'closed',
      env: {
        ARTEMIS_CLUSTER_DIR: path.relative(stage.folder, script.home),
        CDPATH: path.dirname(checkout),
        NODE_OPTIONS: '--require /nowhere/to-be-found.js',
        ARTEMIS_SERVER_NODE_ID: 'all-the-same',
        ARTEMIS_LEASE_TTL_SECS: '44',
        // A proxy that is not there: neither the script nor the nodes may ask it.
        HTTP_PROXY: 'http://127.0.0.1:9',
        http_proxy: 'http://127.0.0.1:9',
        NO_PROXY: '',
        no_proxy: '',
      },
    } as const;
    const { code, stdout, stderr } = await script.run(['start', '2', port], around);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('ARTEMIS_SERVER_NODE_ID is not passed on: start decides it');

    const nodes = [script.node(1), script.node(2)];
    await untilConnected(nodes);
    for (const { name, api } of nodes) {
      expect((await api.status()).node_id).toBe(name);
      const { text } = await api.http.ask('GET', '/api/status/config.json');
      expect(text).toContain('"key":"lease.ttl_secs","value":44');
    }
    expect((await script.run(['status'])).code).toBe(0);
    // The hint can be pasted where the caller stands: it names the script and the folder by their full paths.
    expect(stdout).toContain(`${checkout}/cluster.sh stop`);
    expect((await script.run(['stop'], around)).code).toBe(0);
  });
});
