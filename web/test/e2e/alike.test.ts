import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { launch, Visit } from '../browser.ts';
import { mint, Server } from '../server.ts';

// Names that are long and alike: the ids tell them apart, so they are shown whole.

const NAME = 'Everything about the delivery of large furniture to islands and mountains';
const USER = 'Maximiliane Alexandra von und zu Hohenstein-Wallenburg the Younger';
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

let browser: Browser;
let server: Server;
let visit: Visit;
let page: Page;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  for (const id of ['delivery-north', 'delivery-south']) await server.ask('mutation ($n: String!, $i: String!) { createOrUpdateChannel(input: {name: $n, id: $i}) }', { n: NAME, i: id });
  await server.ask('mutation { createOrUpdateChannel(input: {name: "Hall", id: "hall"}) }');
  const users = ['customer-1001', 'customer-1002'].map((id) => ({ id, name: USER }));
  await server.ask('mutation ($u: [ChatUserInput!]!) { upsertChatUsers(input: {users: $u}) { users { id } } }', { u: users });
  for (const { id, name } of users) {
    const says = Array.from({ length: 20 }, (_, n) => `m${n}: sendMessageToChannel(input: {channelId: "delivery-north", text: "Line ${n} of ${id}"})`);
    await server.ask(`mutation { ${says.join('\n')} }`, {}, mint({ sub: id, name }));
  }
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});
afterEach(() => visit.close());

const open = async (place: string, options = {}) => {
  visit = await Visit.open(browser, server, options);
  page = visit.page;
  await visit.signIn(place);
};

/** Whether the text stands somewhere in the part, in sight and not cut off. */
const whole = (part: string, text: string) =>
  page.locator(part).first().evaluate((root, text) => {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const range = document.createRange();
      range.selectNodeContents(walk.currentNode);
      const { width, left, right } = range.getBoundingClientRect();
      if (!walk.currentNode.textContent?.includes(text) || width === 0) continue;
      let cut = false;
      for (let box = walk.currentNode.parentElement; box !== null && box !== root; box = box.parentElement) {
        const around = box.getBoundingClientRect();
        if (getComputedStyle(box).overflowX !== 'visible' && (left < around.left - 1 || right > around.right + 1)) cut = true;
      }
      if (!cut) return true;
    }
    return false;
  }, text);

describe.each([['wide', {}], ['on a telephone', PHONE], ['on a telephone, Arabic', { ...PHONE, locale: 'ar' }]] as const)('%s', (_look, options) => {
  const rowOf = (id: string) => `[role=row][data-cid="livestream:${id}"]`;

  test('channels, in the list and before their deletion', async () => {
    await open('/channels', options);
    for (const id of ['delivery-north', 'delivery-south']) await expect.poll(() => whole(rowOf(id), `livestream:${id}`)).toBe(true);
    await page.getByRole('gridcell').getByRole('checkbox').nth(0).click();
    await page.getByRole('gridcell').getByRole('checkbox').nth(1).click();
    await page.keyboard.press('Delete');
    await page.getByRole('dialog').getByRole('list').waitFor();
    for (const id of ['delivery-north', 'delivery-south']) await expect.poll(() => whole('[role=dialog] ul', `livestream:${id}`)).toBe(true);
    await page.getByRole('dialog').getByText(/can be brought back until|ويمكن استعادت/).waitFor();
    await visit.expectAccessible();
  });

  test('channels, in the overview', async () => {
    await open('/overview', options);
    const ids = page.locator('main li bdi[dir=ltr]').filter({ hasText: 'livestream:delivery-' });
    await ids.first().waitFor();
    expect(await ids.evaluateAll((all) => all.filter((id) => id.scrollWidth > id.clientWidth).length)).toBe(0);
  });

  test('users, in their list and before their role is changed', async () => {
    await open('/users', options);
    await page.getByRole('checkbox').nth(1).click();
    await page.getByRole('checkbox').nth(2).click();
    await page.locator('main button').filter({ hasText: /Change role|تغيير الدور|غيّر/ }).first().click();
    await page.getByRole('dialog').getByRole('list').waitFor();
    for (const id of ['customer-1001', 'customer-1002']) {
      await expect.poll(() => whole('main', id)).toBe(true);
      await expect.poll(() => whole('[role=dialog]', id)).toBe(true);
    }
    await visit.expectAccessible();
  });

  test('authors, at their messages and at the top of a long run', async () => {
    await open('/channels/livestream:delivery-north', options);
    await page.getByRole('article').first().waitFor();
    await expect.poll(() => whole('[role=feed]', 'customer-1002')).toBe(true);
    await page.getByRole('article').last().focus();
    await expect.poll(() => whole('main [aria-hidden]:has(> bdi + bdi)', 'customer-100')).toBe(true);
  });
});

test('where lines run the other way a name that is too long keeps its beginning', async () => {
  await open('/channels', { ...PHONE, locale: 'ar' });
  const link = page.getByRole('rowheader').first().locator('a');
  await link.waitFor();
  const [clipped, direction] = await link.evaluate((element) => [element.scrollWidth > element.clientWidth, getComputedStyle(element).direction]);
  expect([clipped, direction]).toEqual([true, 'ltr']);
});

describe('the author of a message without a head', () => {
  const alone = () => page.getByRole('article').last();

  test('has a menu, by key', async () => {
    await open('/channels/livestream:delivery-north');
    await alone().focus();
    await page.keyboard.press('a');
    await page.getByRole('menuitem', { name: 'Copy the id' }).waitFor();
    await visit.expectAccessible();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('article');
  });

  test('has a menu, by finger, in lines that a finger meets', async () => {
    await open('/channels/livestream:delivery-north', PHONE);
    await alone().getByRole('button', { name: `What to do with the message from ${USER} (customer-1002)` }).tap();
    const item = page.getByRole('menuitem', { name: 'The author…' });
    expect((await item.boundingBox())?.height).toBeGreaterThanOrEqual(40);
    await item.tap();
    await page.getByRole('menuitem', { name: 'Ban from this channel…' }).waitFor();
    await visit.expectAccessible();
  });
});

test('figures of many digits stay in their cards, from 320 px on', async () => {
  await open('/overview', { viewport: { width: 320, height: 700 } });
  await page.locator('[data-figure]').first().waitFor();
  for (const width of [320, 390, 768, 1000, 1280, 1920]) {
    await page.setViewportSize({ width, height: 800 });
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('[data-figure]')].filter((figure) => {
        figure.textContent = '12,345,678';
        const card = figure.parentElement;
        return card === null || figure.scrollWidth > card.clientWidth;
      }).length);
    expect([width, cut]).toEqual([width, 0]);
  }
});
