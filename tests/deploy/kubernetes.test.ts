import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { apiRoutes } from '@artemis/core';
import { configKeys } from '@artemis/core/config';
import { describe, expect, it } from '@jest/globals';
import type { StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { ConfigMap, Service } from 'kubernetes-types/core/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import ts from 'typescript';
import { configOf, deploy, root, yamlOf } from './deployment.js';

interface Kinds {
  readonly ConfigMap: ConfigMap;
  readonly Service: Service;
  readonly StatefulSet: StatefulSet;
  readonly PodDisruptionBudget: PodDisruptionBudget;
}
type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
};

const kustomization = 'kustomization.yaml';
const files = readdirSync(join(deploy, 'kubernetes')).filter((file) => file !== kustomization);
const manifests = files.flatMap((file) => yamlOf<Manifest>(`kubernetes/${file}`));

function all<Kind extends keyof Kinds>(kind: Kind): Kinds[Kind][] {
  return manifests.filter((manifest) => manifest.kind === kind) as Kinds[Kind][];
}
function one<Kind extends keyof Kinds>(kind: Kind): Kinds[Kind] {
  const [found, ...others] = all(kind);
  if (found === undefined || others.length > 0) throw new Error(`there is not exactly one ${kind}`);
  return found;
}

/** Module of kubernetes-types with the kinds of an API version; `core` has no name in manifests. */
function moduleOf(apiVersion: string): string {
  return `kubernetes-types/${apiVersion.includes('/') ? apiVersion : `core/${apiVersion}`}`;
}

/**
 * What the compiler says to manifests as literals of the types of the Kubernetes API: as with `kubectl --validate=strict`
 * unknown fields, missing ones and wrong types are mistakes.
 */
function mistakesIn(objects: readonly Manifest[]): string[] {
  const source = objects
    .map(
      (object, index) =>
        `import type { ${object.kind} as Kind${index} } from '${moduleOf(object.apiVersion)}';\n` +
        `export const manifest${index}: Kind${index} = ${JSON.stringify(object)};\n`,
    )
    .join('');
  const path = join(root, 'manifests-under-test.ts');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    noLib: false,
    lib: ['lib.es2022.d.ts'],
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    skipLibCheck: true,
  };
  const host = ts.createCompilerHost(options);
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.ES2022);
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (name, ...rest) => (name === path ? file : getSourceFile.call(host, name, ...rest));
  host.fileExists = (name) => name === path || fileExists.call(host, name);
  const program = ts.createProgram([path], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

describe('the manifests', () => {
  it('are valid', () => {
    expect(manifests.length).toBeGreaterThanOrEqual(5);
    expect(mistakesIn(manifests)).toEqual([]);
  });

  it('would not be with an unknown field, a missing one, or one of a wrong type', () => {
    const container = (fields: object): Manifest => {
      const metadata = { name: 'pod' };
      return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [fields] } } as Manifest;
    };
    const bad = [
      { name: 'a', livenesProbe: {} },
      { image: 'a' },
      { name: 'a', ports: [{ containerPort: '80' }] },
    ];
    expect(mistakesIn(bad.map(container))).toEqual([
      expect.stringContaining(`'"livenesProbe"' does not exist in type 'Container'`),
      expect.stringContaining("'name' is missing"),
      expect.stringContaining("'string' is not assignable to type 'number'"),
    ]);
  });

  it('are all applied', () => {
    const [{ resources = [] } = {}] = yamlOf<{ resources?: string[] }>(`kubernetes/${kustomization}`);
    expect(resources.toSorted()).toEqual(files.toSorted());
  });

  it('have names of their own', () => {
    const names = manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

const { spec: set } = one('StatefulSet');
const pod = set?.template.spec;
const [container] = pod?.containers ?? [];
const config = configOf(one('ConfigMap').data?.['artemis.toml'] ?? '');

describe('the configuration of the pods', () => {
  it('is one that a node takes, read from where it is mounted', () => {
    expect(config.cluster.enabled).toBe(true);
    const mount = container?.volumeMounts?.find(({ name }) => name === 'config');
    expect(container?.args).toEqual(['server', '--config', `${mount?.mountPath}/artemis.toml`]);
    expect(pod?.volumes).toContainEqual({
      name: 'config',
      configMap: { name: one('ConfigMap').metadata?.name },
    });
  });

  it('sets keys that exist', () => {
    const variables = (container?.env ?? [])
      .map(({ name }) => name)
      .filter((name) => name.startsWith('ARTEMIS_'));
    const known = configKeys.map(({ variable }) => variable);
    expect(variables).toEqual(expect.arrayContaining(['ARTEMIS_SERVER_NODE_ID', 'ARTEMIS_CLUSTER_SECRET']));
    expect(variables.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('names every node after its pod', () => {
    const id = container?.env?.find(({ name }) => name === 'ARTEMIS_SERVER_NODE_ID');
    expect(id?.valueFrom?.fieldRef?.fieldPath).toBe('metadata.name');
  });

  it('keeps the store on the volume of the pod', () => {
    const mount = container?.volumeMounts?.find(({ name }) => name === 'data');
    expect(config.storage.dataDir).toBe(mount?.mountPath);
    expect(set?.volumeClaimTemplates?.map(({ metadata }) => metadata?.name)).toEqual(['data']);
  });
});

describe('the services', () => {
  const headless = all('Service').find(({ spec }) => spec?.clusterIP === 'None');
  const forClients = all('Service').find(({ spec }) => spec?.clusterIP === undefined);

  it('let nodes find each other before they are ready', () => {
    expect(headless?.spec?.publishNotReadyAddresses).toBe(true);
    expect(set?.serviceName).toBe(headless?.metadata?.name);
    const [port] = headless?.spec?.ports ?? [];
    expect(config.cluster.peers).toEqual([`dns+http://${headless?.metadata?.name}:${port?.port}`]);
    // The address behind a headless service is that of a pod, where only the port of the container counts.
    expect(port?.port).toBe(container?.ports?.[0]?.containerPort);
    expect(config.server.listenAddr).toBe(`0.0.0.0:${port?.port}`);
  });

  it('lead clients to nodes that are ready', () => {
    expect(forClients?.spec?.publishNotReadyAddresses).toBeUndefined();
  });

  it('and everything else select the pods of the set', () => {
    const labels = set?.template.metadata?.labels;
    expect(set?.selector.matchLabels).toEqual(labels);
    for (const { spec } of all('Service')) expect(spec?.selector).toEqual(labels);
    expect(one('PodDisruptionBudget').spec?.selector?.matchLabels).toEqual(labels);
    const { requiredDuringSchedulingIgnoredDuringExecution: apart = [] } =
      pod?.affinity?.podAntiAffinity ?? {};
    expect(apart.map(({ labelSelector }) => labelSelector?.matchLabels)).toEqual([labels]);
  });
});

describe('the pods', () => {
  it('are asked by routes that exist, each for its purpose', () => {
    const asked = (probe: 'startupProbe' | 'livenessProbe' | 'readinessProbe') =>
      container?.[probe]?.httpGet?.path;
    expect(asked('startupProbe')).toBe(apiRoutes.health.path);
    expect(asked('livenessProbe')).toBe(apiRoutes.health.path);
    expect(asked('readinessProbe')).toBe(apiRoutes.ready.path);
    expect(set?.template.metadata?.annotations?.['prometheus.io/path']).toBe(apiRoutes.metrics.path);
  });

  it('have the time to drain', () => {
    const [, pauseSecs] = container?.lifecycle?.preStop?.exec?.command ?? [];
    const neededSecs = Number(pauseSecs) + config.server.drainTimeoutMs / 1000;
    expect(pod?.terminationGracePeriodSeconds).toBeGreaterThan(neededSecs + 10);
  });

  it('may do no more than they have to', () => {
    expect(pod?.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000 });
    expect(container?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('go one at a time', () => {
    expect(one('PodDisruptionBudget').spec?.maxUnavailable).toBe(1);
    expect(set?.updateStrategy?.type ?? 'RollingUpdate').toBe('RollingUpdate');
  });
});
