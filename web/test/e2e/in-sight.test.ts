import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { launch, NARROW, Visit } from '../browser.ts';
import { Server } from '../server.ts';

let browser: Browser;
let server: Server;
let visit: Visit;
let page: Page;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  await server.ask('mutation { createOrUpdateChannel(input: {name: "Hall", id: "hall", type: Livestream}) }');
  const says = Array.from({ length: 20 }, (_, n) => `m${n}: sendMessageToChannel(input: {channelId: "hall", type: Livestream, text: "Line ${n}"})`);
  for (let n = 0; n < 2; n++) await server.ask(`mutation { ${says.join('\n')} }`);
  const users = Array.from({ length: 450 }, (_, n) => ({ id: `u${n}`, name: `User ${String(n).padStart(3, '0')}` }));
  await server.ask('mutation ($u: [ChatUserInput!]!) { upsertChatUsers(input: {users: $u}) { users { id } } }', { u: users });
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** Whether all of it stands between the top of the feed and the composer. */
const stands = (selector: string) =>
  page.evaluate((selector) => {
    const feed = document.querySelector('[role=feed]')?.getBoundingClientRect();
    const it = document.querySelector(selector)?.getBoundingClientRect();
    return feed !== undefined && it !== undefined && it.top >= feed.top && it.bottom <= feed.bottom;
  }, selector);
const last = '[role=article]:last-of-type';

describe.each([['wide', {}], ['narrow', { viewport: NARROW }]] as const)('%s', (_look, options) => {
  beforeEach(async () => {
    visit = await Visit.open(browser, server, options);
    page = visit.page;
  });
  afterEach(() => visit.close());

  test('the last message stays in sight while the composer grows', async () => {
    await visit.signIn('/channels/livestream:hall');
    await expect.poll(() => stands(last)).toBe(true);
    await page.getByRole('textbox', { name: 'Write a message' }).fill('one\ntwo\nthree\nfour\nfive\nsix\nseven\neight');
    await page.getByRole('button', { name: 'Attach from an address' }).click();
    await page.getByLabel('Address of the picture or video').waitFor();
    await expect.poll(() => stands(last)).toBe(true);
  });

  test('a message that fails shows its reason and what to do, without scrolling', async () => {
    await visit.signIn('/channels/livestream:hall');
    await page.route('**/graphql', (route) => (route.request().postData()?.includes('SendMessageToChannel') === true ? route.abort() : route.continue()));
    await page.getByRole('textbox', { name: 'Write a message' }).fill('Lost on its way');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    visit.forgive(/ERR_FAILED/);
    await expect.poll(() => stands('[data-outgoing=failed]')).toBe(true);
    await page.getByRole('button', { name: 'Discard' }).click();
  });
});

describe('users', () => {
  beforeEach(async () => {
    visit = await Visit.open(browser, server);
    page = visit.page;
  });
  afterEach(() => visit.close());

  test('a part of the list that does not come says so, and comes when it is asked for again', async () => {
    let broken = true;
    await page.route('**/graphql', (route) =>
      broken && route.request().postData()?.includes('"after":"') === true
        ? route.fulfill({ json: { errors: [{ message: 'x', extensions: { code: 'UNAVAILABLE' } }] } })
        : route.continue(),
    );
    await visit.signIn('/users?search=User');
    await page.getByRole('row', { name: 'User 000' }).waitFor();
    await page.getByRole('table').evaluate((table) => table.parentElement?.scrollBy(0, 1e6));
    await page.getByRole('alert').getByText('The service cannot answer right now').waitFor();
    broken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.getByRole('row', { name: 'User 200' }).waitFor();
  });

  test('Tab leaves the list from the row where the arrows led', async () => {
    await visit.signIn('/users?search=User');
    await page.getByRole('checkbox', { name: 'Select User 000' }).focus();
    for (let n = 0; n < 9; n++) await page.keyboard.press('ArrowDown');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Select User 009 (u9)');
    await page.keyboard.press('Shift+Tab');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Select all that are listed');
  });
});
