import { describe, expect, it } from '@jest/globals';
import { inject, start } from './inject.fixture.js';

const listed = 'https://console.example';
const app = start({ http: { allowedOrigins: ['http://other.example', listed] } }).app;
const closed = start().app;
const register = '/api/registry/register.json';
const asked = { 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'content-type' };

const corsNames = (headers: object) =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'));

describe('pages of other origins', () => {
  it('may read answers when they are listed, failures too', async () => {
    for (const path of ['/health', '/nothing']) {
      const { headers } = await inject(app, { path, headers: { Origin: listed } });
      expect(headers['access-control-allow-origin']).toBe(listed);
      expect(headers['access-control-expose-headers']).toMatch(/ETag, X-Artemis-Node, X-Artemis-Clock/);
      expect(headers.vary).toContain('Origin');
      expect(headers).not.toHaveProperty('access-control-allow-credentials');
    }
  });

  it.each([
    'https://console.example.evil',
    'http://console.example',
    'https://console.example:8443',
    'null',
    '*',
  ])('may not when they are not: %s', async (origin) => {
    const { status, headers } = await inject(app, { path: '/health', headers: { Origin: origin } });
    expect([status, corsNames(headers)]).toEqual([200, []]);
    expect(headers.vary).toContain('Origin');
  });

  it('are all refused when none is listed', async () => {
    const { headers } = await inject(closed, {
      method: 'OPTIONS',
      path: register,
      headers: { Origin: listed, ...asked },
    });
    expect(corsNames(headers)).toEqual([]);
    expect(headers.vary ?? '').not.toContain('Origin');
  });

  it('are told in a preflight what they may send', async () => {
    const answer = await inject(app, {
      method: 'OPTIONS',
      path: register,
      headers: { Origin: listed, ...asked },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': listed,
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-allow-headers': expect.stringMatching(/Content-Type.*If-None-Match.*X-Artemis-Clock/),
      'access-control-max-age': '600',
    });
    // A browser must never be able to speak as a peer.
    expect(answer.headers['access-control-allow-headers']).not.toMatch(/Replication|Authorization/i);
  });
});
