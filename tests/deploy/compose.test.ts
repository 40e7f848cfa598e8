import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configKeys, parsePeer } from '@artemis/core/config';
import { describe, expect, it } from '@jest/globals';
import { configOf, deploy, readDeploy, secondsOf, yamlOf } from './deployment.js';

interface Compose {
  readonly services: Record<string, Service>;
  readonly volumes: Record<string, unknown>;
}
interface Service {
  readonly hostname: string;
  readonly environment: Record<string, string>;
  readonly volumes: string[];
  readonly ports: string[];
  readonly stop_grace_period: string;
}

interface Linter {
  lintFiles(
    files: readonly string[],
    fixing: boolean,
  ): {
    readonly messages: readonly { readonly type: string; readonly line: number; readonly message: string }[];
  }[];
}
/** Its own types cannot be resolved by the rules of Node.js. */
const { DCLinter } = (await import('dclint')) as unknown as {
  readonly DCLinter: new (settings: object) => Linter;
};

/** Problems of the file by the schema of Compose and the rules that find mistakes; matters of taste are left out. */
function problemsOf(file: string): string[] {
  const linter = new DCLinter({ rules: {}, quiet: true, debug: false, exclude: [] });
  const results = linter.lintFiles([file], false);
  return results.flatMap(({ messages }) =>
    messages.filter(({ type }) => type === 'error').map(({ line, message }) => `${line}: ${message}`),
  );
}

const [compose] = yamlOf<Compose>('compose.yaml');
const services = Object.entries(compose?.services ?? {});

describe('compose.yaml', () => {
  it('is valid', () => {
    expect(problemsOf(join(deploy, 'compose.yaml'))).toEqual([]);
  });

  it('would not be with an unknown key', () => {
    const folder = mkdtempSync(join(tmpdir(), 'artemis-'));
    const file = join(folder, 'compose.yaml');
    writeFileSync(file, readDeploy('compose.yaml').replace('read_only:', 'readonly:'));
    expect(problemsOf(file)).toEqual([expect.stringContaining('must NOT have additional properties')]);
    rmSync(folder, { recursive: true });
  });

  it('runs three nodes, each under its own name, with a volume and a port of its own', () => {
    expect(services).toHaveLength(3);
    for (const [name, { hostname }] of services) expect(hostname).toBe(name);
    const volumes = services.flatMap(([, service]) => service.volumes);
    expect(volumes.map((volume) => volume.split(':')[0])).toEqual(Object.keys(compose?.volumes ?? {}));
    expect(new Set(services.flatMap(([, { ports }]) => ports)).size).toBe(3);
  });

  it('configures them with keys that exist, as one cluster of all of them', () => {
    const known = new Map(configKeys.map((key) => [key.variable, key]));
    for (const [, { environment }] of services) {
      for (const [variable, value] of Object.entries(environment)) {
        const key = known.get(variable);
        if (key === undefined) throw new Error(`${variable} sets nothing`);
        if (!value.startsWith('${')) expect(key.check(key.fromText(value))).toEqual([]);
      }
      const peers = environment['ARTEMIS_CLUSTER_PEERS']?.split(',') ?? [];
      expect(peers.map((peer) => parsePeer(peer)?.address)).toEqual(services.map(([name]) => `${name}:8080`));
    }
  });

  it('gives them the time to drain, and their volume the place of the store', () => {
    const { server } = configOf('');
    for (const [, service] of services) {
      const drainSecs = Number(
        service.environment['ARTEMIS_SERVER_DRAIN_TIMEOUT_SECS'] ?? server.drainTimeoutMs / 1000,
      );
      expect(secondsOf(service.stop_grace_period)).toBeGreaterThan(drainSecs + 5);
      for (const volume of service.volumes) expect(volume.split(':')[1]).toBe('/var/lib/artemis');
    }
  });
});
