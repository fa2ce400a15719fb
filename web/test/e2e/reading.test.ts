import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { launch, Visit } from '../browser.ts';
import { Server } from '../server.ts';

let browser: Browser;
let server: Server;
let visit: Visit;
let page: Page;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  await server.ask('mutation { createOrUpdateChannel(input: {id: "long", name: "Long"}) }');
  const parts = Array.from({ length: 120 }, (_, n) => `m${n}: sendMessageToChannel(input: {channelId: "long", text: "number ${n}."})`);
  for (let n = 0; n < parts.length; n += 10) await server.ask(`mutation { ${parts.slice(n, n + 10).join(' ')} }`);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});
beforeEach(async () => {
  visit = await Visit.open(browser, server);
  page = visit.page;
  await visit.signIn('/channels/livestream:long');
  await page.getByText('number 119.').waitFor();
});
afterEach(() => visit.close());

test('the mouse wheel scrolls over Latest messages', async () => {
  const feed = page.getByRole('feed');
  await feed.evaluate((element) => element.scrollBy(0, -800));
  const button = page.getByRole('button', { name: 'Latest messages' });
  await button.hover();
  const before = await feed.evaluate((element) => element.scrollTop);
  await page.mouse.wheel(0, -300);
  await expect.poll(() => feed.evaluate((element) => element.scrollTop)).toBeLessThan(before - 100);
});

test('a preview, however long, leaves Send in the window', async () => {
  for (const viewport of [{ width: 390, height: 700 }, { width: 1280, height: 620 }, { width: 1920, height: 1080 }]) {
    await page.setViewportSize(viewport);
    const text = page.getByRole('textbox', { name: 'Write a message; @ mentions people' });
    await text.fill(Array.from({ length: 120 }, (_, n) => `line ${n}`).join('\n'));
    await page.getByText('Preview', { exact: true }).click();
    await page.getByRole('group', { name: 'As a customer sees it' }).waitFor();
    const box = await page.getByRole('button', { name: 'Send', exact: true }).boundingBox();
    expect(box, JSON.stringify(viewport)).not.toBeNull();
    expect((box?.y ?? 0) + (box?.height ?? 0), JSON.stringify(viewport)).toBeLessThanOrEqual(viewport.height);
    await page.getByText('Write', { exact: true }).click();
    await text.fill('');
  }
});

test('titles have the same margin at every width of a desk', async () => {
  const margins: Record<string, number[]> = {};
  for (const place of ['Channels', 'Users', 'Overview']) {
    await page.getByRole('navigation').getByRole('link', { name: place }).click();
    const title = page.getByRole('heading', { level: 1, name: place });
    await title.waitFor();
    margins[place] = [];
    for (const width of [1100, 1280, 1600, 1920, 2560, 3840]) {
      await page.setViewportSize({ width, height: 900 });
      const rem = await page.evaluate(() => Number.parseFloat(getComputedStyle(document.documentElement).fontSize)); // larger at 4K
      margins[place].push(Math.round(((await title.boundingBox())?.x ?? -1) / rem));
    }
  }
  for (const [place, list] of Object.entries(margins)) expect(new Set(list).size, `${place}: ${list}`).toBe(1);
  expect(new Set(Object.values(margins).flat()).size, JSON.stringify(margins)).toBe(1);
});
