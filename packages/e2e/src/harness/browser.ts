import { spawnSync } from 'node:child_process';
import { it } from '@jest/globals';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { Stage } from './stage.js';

/** What Debian and others call the program. */
const programs = ['chromium', 'chromium-browser', 'google-chrome'];

const missing = 'none is installed here: apt-get install chromium';

/** A page, and what it said on its console. */
export interface OpenPage {
  readonly page: Page;
  readonly said: readonly string[];
}

/** A real browser, without a screen. It ends with its stage. */
export class TestBrowser {
  readonly #stage: Stage;
  readonly #program = findBrowser();
  #browser: Promise<Browser> | undefined;

  constructor(stage: Stage) {
    this.#stage = stage;
    if (this.#program === undefined) process.stderr.write(`\nNo test in a browser: ${missing}\n`);
  }

  /** A test that needs it: left out on a machine that has no browser, but not where changes are judged. */
  test(name: string, body: () => Promise<void>): void {
    if (this.#program !== undefined) this.#stage.test(name, body);
    else if ((process.env['CI'] ?? '') === '') it.skip(`${name} (${missing})`, () => undefined);
    else it(name, () => Promise.reject(new Error(missing)));
  }

  async open(url: string): Promise<OpenPage> {
    this.#browser ??= this.#launch();
    const page = await (await this.#browser).newPage({ viewport: { width: 1000, height: 620 } });
    page.setDefaultTimeout(30_000);
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(`uncaught: ${error.message}`));
    this.#stage.watchLog(`the page ${url}`, () => said.join('\n'));
    await page.goto(url);
    return { page, said };
  }

  async #launch(): Promise<Browser> {
    if (this.#program === undefined) throw new Error(missing);
    // Its sandbox is not to be had as root, which is what containers run tests as.
    const browser = await chromium.launch({ executablePath: this.#program, args: ['--no-sandbox'] });
    this.#stage.defer(() => browser.close());
    return browser;
  }
}

function findBrowser(): string | undefined {
  const looks = programs.map((name) => `command -v ${name}`).join(' || ');
  const { status, stdout } = spawnSync('/bin/sh', ['-c', looks], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
