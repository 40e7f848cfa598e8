import { describe, expect, it } from '@jest/globals';
import { anInstance, aKey } from '../testing/index.js';
import { apiRoutes, pathsOf, type ApiRoute } from './routes.js';

const routes = Object.entries<ApiRoute>(apiRoutes);

describe('the route table', () => {
  it('has no path twice', () => {
    const paths = routes.flatMap(([, route]) => pathsOf(route));
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths.every((path) => /^\/[a-z./-]+[a-z]$/.test(path))).toBe(true);
  });

  it('serves what is under /api with .json, which comes first, and without', () => {
    for (const [, route] of routes) expect(route.json).toBe(route.path.startsWith('/api/'));
    expect(pathsOf(apiRoutes.register)).toEqual(['/api/registry/register.json', '/api/registry/register']);
    expect(pathsOf(apiRoutes.health)).toEqual(['/health']);
  });

  it.each(routes)('%s: a body has an envelope and a method that carries it', (_name, route) => {
    expect(route.envelope === undefined).toBe(route.body === undefined);
    if (route.body) expect(route.methods).toContain('POST');
    if (route.query) expect(route.methods).toContain('GET');
    expect(route.methods.length).toBeGreaterThan(0);
    expect(route.summary).not.toBe('');
  });

  it.each(routes.filter(([, route]) => route.envelope))(
    '%s: the envelope refuses what is no object',
    (_n, route) => {
      for (const body of [undefined, null, 7, 'x', []])
        expect(route.envelope?.safeParse(body).success).toBe(false);
    },
  );

  it('lets every body that is right pass its envelope unchanged', () => {
    const bodies: [ApiRoute, object][] = [
      [apiRoutes.register, { instances: [anInstance()] }],
      [apiRoutes.heartbeat, { instance_keys: [aKey()] }],
      [apiRoutes.unregister, { instance_keys: [aKey()] }],
      [apiRoutes.service, { discovery_config: { service_id: 'orders', zone_id: 'zone1' } }],
      [apiRoutes.services, { prefix: 'o', limit: 5 }],
      [apiRoutes.servicesDelta, { since_revision: 5, log_id: 'node1#k3f9' }],
      [apiRoutes.lookup, { discovery_configs: [{ service_id: 'orders' }] }],
    ];
    for (const [route, body] of bodies) {
      expect(route.body?.parse(body)).toEqual(body);
      expect(route.envelope?.parse(body)).toEqual(body);
    }
  });

  it('limits clients and operators, not peers, probes, health and metrics', () => {
    const free = routes.filter(([, route]) => !route.limited).map(([name]) => name);
    const peers = routes.filter(([, route]) => route.audience === 'peer').map(([name]) => name);
    expect(free.sort()).toEqual([...peers, 'node', 'health', 'ready', 'metrics'].sort());
  });

  it('keeps replication under one prefix', () => {
    for (const [, route] of routes) {
      expect(route.path.startsWith('/api/replication/')).toBe(route.audience === 'peer');
    }
  });
});
