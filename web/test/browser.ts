import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { expect } from 'vitest';

import { mint, type Server } from './server.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// The same browser with and without windows: without, tests take half the time.
const installed = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) => existsSync(path));

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? installed ?? '/usr/bin/chromium',
    timeout: 90_000, // a small machine that does much else takes long to start it
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
}

export const NARROW = { width: 360, height: 740 };
export const WIDE = { width: 1280, height: 800 };

/** A page that notes what must never happen; `faults()` tells. */
export class Visit {
  #faults: string[] = [];
  /** Another one would have the console ask whether somebody else is to be signed in. */
  #token: string | undefined;

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly server: Server,
  ) {
    page.on('pageerror', (error) => this.#faults.push(`error: ${error.message}`));
    page.on('console', (message) => {
      // That a request found nobody, or was cut off, is the browser's to say, and the banner's to show.
      const expected = /ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE|ERR_INTERNET_DISCONNECTED|WebSocket connection to/.test(message.text());
      if (message.type() === 'error' && !expected) this.#faults.push(`console: ${message.text()}`);
    });
  }

  static async open(browser: Browser, server: Server, options: BrowserContextOptions = {}): Promise<Visit> {
    const context = await browser.newContext({
      viewport: WIDE, locale: 'en-GB', timezoneId: 'UTC', colorScheme: 'light', reducedMotion: 'reduce', ...options,
    });
    context.setDefaultTimeout(20_000);
    return new Visit(context, await context.newPage(), server);
  }

  /** Discards faults that a test has caused on purpose. */
  forgive(what: RegExp): void {
    this.#faults = this.#faults.filter((fault) => !what.test(fault));
  }

  /** Goes to a place of the console, e.g. /channels. */
  async go(place: string): Promise<void> {
    await this.page.goto(`${this.server.url}/console${place}`);
  }

  /** Signs in by a link with a token, and waits for the screen's title. */
  async signIn(place = '/channels', token = this.#token ?? mint()): Promise<void> {
    await this.go(`${place}#token=${token}`);
    this.#token = token;
    await this.page.locator('main h1').waitFor();
  }

  /** Opens the palette, and waits until it takes what is typed. */
  async openPalette(): Promise<void> {
    await this.page.keyboard.press('Control+k');
    await this.page.getByPlaceholder('Find a channel, user, page or command…').and(this.page.locator(':focus')).waitFor();
  }

  /** Goes on by Tab to what is called so, once it is there, within a few steps, as nobody finds what is further away. */
  async tabTo(name: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
    await this.page.getByRole('button', { name }).or(this.page.getByLabel(name)).first().waitFor();
    const passed: string[] = [];
    for (let step = 0; step < 10; step++) {
      await this.page.keyboard.press(key);
      const here = await this.page.evaluate(() => {
        const { activeElement: element } = document;
        if (element === document.body) return 'the end';
        const label = element instanceof HTMLTextAreaElement || element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : null;
        return element?.getAttribute('aria-label') ?? label ?? element?.textContent ?? '';
      });
      if (here.includes(name)) return;
      passed.push(here);
    }
    throw new Error(`${key} led to ${passed.join(', ')}`);
  }

  /** WCAG 2.2 A and AA and axe's own best practices, over the whole page: no violation. */
  async expectAccessible(): Promise<void> {
    await this.page.evaluate(axe);
    const violations = await this.page.evaluate(async () => {
      const { violations } = await (window as unknown as { axe: { run(): Promise<{ violations: { id: string; help: string; nodes: { html: string; failureSummary: string }[] }[] }> } }).axe.run();
      return violations.map(({ id, help, nodes }) => ({ id, help, at: nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`) }));
    });
    expect(violations).toEqual([]);
    // The mark that our own texts put around names, made visible: a text was quoted in another one as if a stranger had typed it.
    expect(await this.page.evaluate(() => document.body.innerText.match(/.*\[U\+2068\].*/)?.[0])).toBeUndefined();
  }

  /** Nothing to scroll sideways. */
  async expectNoSidewaysScroll(): Promise<void> {
    const over = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(over).toBe(0);
  }

  /** Closes, and fails where a script failed, the policy was broken, or a token was left behind. */
  async close(): Promise<void> {
    const local = this.page.url().startsWith('http') ? await this.page.evaluate(() => JSON.stringify(localStorage)) : '{}';
    await this.page.unrouteAll({ behavior: 'ignoreErrors' }); // an answer may be under way
    await this.context.close();
    expect(this.#faults).toEqual([]);
    expect(local).not.toMatch(/eyJ|token/i);
  }
}
