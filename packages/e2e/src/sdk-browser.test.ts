import { statSync } from 'node:fs';
import path from 'node:path';
import { toInstanceKey } from '@artemis/core';
import { anInstance } from '@artemis/core/testing';
import { beforeAll, describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { TestBrowser } from './harness/browser.js';
import { checkout } from './harness/child.js';
import { eventually } from './harness/eventually.js';
import { printed, runExample, startExample } from './harness/example.js';
import { startCluster, type NodeProcess } from './harness/node-process.js';
import { freePort } from './harness/ports.js';
import { useStage } from './harness/stage.js';

const patience = { within: 30_000 };

describe('the SDK in a browser', () => {
  const stage = useStage();
  const browser = new TestBrowser(stage);
  let node1: NodeProcess;
  let node2: NodeProcess;
  let site: string;

  beforeAll(async () => {
    await runExample(stage, 'browser-watch/build.js');
    const port = await freePort();
    const server = startExample(stage, 'browser-watch/serve.js', { PORT: String(port) });
    site = await printed(server, /The page is at (\S+)/);
    const settings = { server: { allowed_origins: [site] } };
    [node1, node2] = (await startCluster(stage, 2, settings)) as [NodeProcess, NodeProcess];
  });

  const pageOf = (service: string, node: NodeProcess, query = ''): string =>
    `${site}/?service=${service}&node=${encodeURIComponent(node.api.url)}${query}`;

  const untilShown = (page: Page, selector: string, text: string | RegExp): Promise<void> =>
    eventually(async () => {
      const shown = (await page.locator(selector).allInnerTexts()).join('\n');
      if (typeof text === 'string') expect(shown).toContain(text);
      else expect(shown).toMatch(text);
    }, patience);

  const untilGone = (page: Page, id: string): Promise<void> =>
    eventually(
      async () => expect((await page.locator('#instances').innerText()).includes(id)).toBe(false),
      patience,
    );

  /** What a page sees while an instance comes, changes and goes. */
  async function followsOne(page: Page, service: string): Promise<void> {
    const instance = anInstance({
      service_id: service,
      instance_id: `${service}-1`,
      metadata: { weight: '7' },
    });
    await untilShown(page, '#state', 'live');
    await untilShown(page, '#empty', 'No instances.');
    await node1.api.register([instance]);
    await untilShown(page, '#instances tr', new RegExp(`${service}-1\\s+up\\s.*weight=7`, 's'));
    await node2.api.register([{ ...instance, status: 'down', metadata: { weight: '8' } }]);
    await untilShown(page, '#instances tr', new RegExp(`${service}-1\\s+down\\s.*weight=8`, 's'));
    await node1.api.unregister([toInstanceKey(instance)]);
    await untilGone(page, `${service}-1`);
    await untilShown(page, '#empty', 'No instances.');
  }

  stage.test('is small: a bundle holds what the page uses', async () => {
    const { size } = statSync(path.join(checkout, 'examples/browser-watch/dist/watch.js'));
    expect(size).toBeGreaterThan(20_000);
    expect(size).toBeLessThan(250_000);
  });

  browser.test('sees an instance come, change and go, once each', async () => {
    const { page, said } = await browser.open(pageOf('followed', node1));
    await followsOne(page, 'followed');
    await untilShown(page, '#node', `${node1.api.url} (websocket)`);
    const types = await page.locator('#changes strong').allInnerTexts();
    expect(types).toEqual(['delete', 'change', 'new']);
    expect(said).toEqual([]);
  });

  browser.test('sees the same by long polls, where no socket is to be had', async () => {
    const { page } = await browser.open(pageOf('polled', node1, '&transport=http'));
    await followsOne(page, 'polled');
    await untilShown(page, '#node', `${node1.api.url} (http)`);
  });

  browser.test('shows what services say of themselves as text', async () => {
    const markup = '<img src=x onerror="document.title=1">';
    const { page } = await browser.open(pageOf('marked', node1));
    await node1.api.register([anInstance({ service_id: 'marked', metadata: { note: markup } })]);
    await untilShown(page, '#instances tr', markup);
    expect(await page.locator('img').count()).toBe(0);
  });

  browser.test('is refused when its origin is not allowed', async () => {
    // The same server under another name is another origin.
    const elsewhere = pageOf('followed', node1).replace('127.0.0.1', 'localhost');
    const { page, said } = await browser.open(elsewhere);
    await eventually(() => expect(said.join('\n')).toMatch(/CORS/), patience);
    expect(await page.locator('#state').innerText()).toBe('waiting');
  });

  // The last one: the nodes do not come back.
  browser.test('survives the stop of its node, and keeps what it knows without any', async () => {
    const lasting = { service_id: 'lasting', lease_ttl_secs: 600 };
    await node2.api.register([anInstance({ ...lasting, instance_id: 'before' })]);
    const { page } = await browser.open(pageOf('lasting', node1));
    await untilShown(page, '#instances tr', 'before');
    await untilShown(page, '#node', node1.api.url);
    // It was given one address, and learns of the others.
    await untilShown(page, '#node', '2 known');
    node1.signal('SIGKILL');
    await untilShown(page, '#node', `watching at ${node2.api.url}`);
    await untilShown(page, '#state', 'live');
    await node2.api.register([anInstance({ ...lasting, instance_id: 'after' })]);
    await untilShown(page, '#instances tr', 'after');
    // What was there all the time was never taken away.
    expect(await page.locator('#changes li').allInnerTexts()).toEqual([
      expect.stringMatching(/new\s+after/),
      expect.stringMatching(/new\s+before/),
    ]);

    // Without any node the last known answer stays, and says what it is.
    node2.signal('SIGKILL');
    await untilShown(page, '#state', 'stale');
    await untilShown(page, '#instances tr', 'after');
  });
});
