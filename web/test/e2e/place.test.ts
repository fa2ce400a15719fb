import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';

import { launch, NARROW, Visit } from '../browser.ts';
import { makeMany } from '../many.ts';
import { mint, Server } from '../server.ts';

let browser: Browser;
let server: Server;
let visit: Visit;
let page: Page;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start('--allow-images-from', 'cdn.example.com')]);
  await makeMany(server, 'Room', 300);
  const users = [{ id: 'zoe-1', name: 'Zoë Cohen' }, { id: 'zoe-2', name: 'Zoë Cohen' }];
  await server.ask('mutation ($i: UpsertChatUsersInput!) { upsertChatUsers(input: $i) { users { id } } }', { i: { users } });
  const i = { channelId: 'room-7', type: 'Team', text: 'Where is my parcel?' };
  await server.ask('mutation ($i: SendMessageToChannelChanelInput!) { sendMessageToChannel(input: $i) }', { i }, mint({ sub: 'zoe-1', name: 'Zoë Cohen' }));
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});
beforeEach(async () => {
  visit = await Visit.open(browser, server);
  page = visit.page;
});
afterEach(() => visit.close());

const rows = () => page.getByRole('grid').getByRole('row');
const row = (name: string | RegExp) => rows().filter({ has: page.getByRole('rowheader', { name }) });
const heading = (name: string) => page.getByRole('heading', { name, level: 1 });

describe('the place in the list', () => {
  test('is the same after a channel was opened: row, search, order, selection, focus', async () => {
    await visit.signIn('/channels?search=room&sort=-messages');
    await row('Room 7').waitFor();
    await row('Room 7').getByRole('checkbox').click();
    await page.getByRole('grid').evaluate((grid) => (grid.scrollTop = 6_000));
    const opened = page.locator('[aria-rowindex="106"]');
    const name = (await opened.getByRole('rowheader').locator('a').innerText()).trim();
    const top = async () => (await opened.boundingBox())?.y;
    const before = await top();
    await opened.getByRole('gridcell').nth(2).click(); // anywhere in the row
    await heading(name).waitFor();
    await page.getByRole('link', { name: 'Back to the channels' }).click();
    await heading('Channels').waitFor();
    await expect.poll(() => page.url()).toContain('search=room&sort=-messages');
    await expect.poll(top).toBe(before);
    await page.getByText('1 selected').waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid');
    await page.keyboard.press('Enter');
    await heading(name).waitFor();
    await page.goBack();
    await expect.poll(top).toBe(before);
  });

  test('is not taken away from whoever scrolls right after a click', async () => {
    await visit.signIn('/channels?search=room');
    await row('Room 1').first().waitFor();
    const top = await page.getByRole('grid').evaluate(async (grid) => {
      const cell = grid.querySelector('[data-cid] [data-select]');
      for (const type of ['mousedown', 'click']) cell?.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true }));
      grid.scrollTop = 6_000;
      for (let frame = 0; frame < 10; frame++) await new Promise(requestAnimationFrame);
      return grid.scrollTop;
    });
    expect(top).toBe(6_000);
  });

  test('is where the keys lead: the whole row, below the head', async () => {
    await visit.signIn('/channels?search=room');
    await row('Room 1').first().waitFor();
    await page.getByRole('grid').focus();
    const hidden = () =>
      page.getByRole('grid').evaluate((grid) => {
        const active = grid.querySelector('[data-active]')?.getBoundingClientRect();
        const head = grid.firstElementChild?.getBoundingClientRect();
        return active === undefined || head === undefined || active.top < head.bottom - 1 || active.bottom > grid.getBoundingClientRect().bottom + 1;
      });
    for (const key of [...Array<string>(16).fill('ArrowDown'), 'PageDown', 'ArrowDown', 'End', 'PageUp', ...Array<string>(16).fill('ArrowUp'), 'Home']) {
      await page.keyboard.press(key);
      await expect.poll(hidden).toBe(false);
    }
  });

  test('is kept by the navigation', async () => {
    await visit.signIn('/channels?search=room%202');
    await row('Room 20').first().waitFor();
    const navigation = page.getByRole('navigation');
    await navigation.getByRole('link', { name: 'Users' }).click();
    await heading('Users').waitFor();
    await navigation.getByRole('link', { name: 'Channels' }).click();
    await expect.poll(() => page.getByRole('searchbox').inputValue()).toBe('room 2');
  });

  test('is where the new channel is, also if a search hid it, and the notice opens it', async () => {
    await visit.signIn('/channels?search=room');
    await row('Room 0').first().waitFor();
    await page.keyboard.press('n');
    await page.getByRole('dialog').getByLabel('Name').fill('Zzz the newest');
    await page.keyboard.press('Control+Enter');
    await row('Zzz the newest').waitFor();
    await expect.poll(() => row('Zzz the newest').evaluate((element) => element.getBoundingClientRect().bottom <= innerHeight)).toBe(true);
    await page.getByRole('alert').getByRole('button', { name: 'Open' }).click();
    await heading('Zzz the newest').waitFor();
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Zzz another name');
    await page.getByRole('button', { name: 'Save' }).click();
    await heading('Zzz another name').waitFor();
  });
});

test('a row shows who wrote last, and what', async () => {
  await visit.signIn('/channels?search=room%207');
  await row(/Room 7\b/).first().getByText('Zoë Cohen (zoe-1):').waitFor();
  await row(/Room 7\b/).first().getByText('Where is my parcel?').waitFor();
});

test('Ctrl K finds channels and users by name and id', async () => {
  await visit.signIn('/overview');
  await visit.openPalette();
  await page.keyboard.type('zoe-2');
  await page.getByRole('dialog').getByText('zoe-2', { exact: true }).last().waitFor();
  await page.keyboard.press('Enter');
  await heading('Users').waitFor();
  await expect.poll(() => page.getByRole('searchbox').inputValue()).toBe('zoe-2');
  await visit.openPalette();
  await page.keyboard.type('room 123');
  await page.getByRole('dialog').getByText('gaming:room-123').waitFor();
  await visit.expectAccessible();
  await page.keyboard.press('Enter');
  await heading('Room 123').waitFor();
});

test('the author of a message can be banned everywhere, which the members then show', async () => {
  await server.ask('mutation { addMembers(input: {cid: "team:room-7", userIds: ["zoe-1", "zoe-2"]}) { cid } }');
  await visit.signIn('/channels/team:room-7');
  await page.getByRole('article').first().focus();
  await page.keyboard.press('a');
  await page.getByRole('menuitem', { name: 'Ban from all channels…' }).click();
  await page.getByRole('dialog', { name: 'Ban Zoë Cohen (zoe-1)' }).getByRole('button', { name: 'Ban' }).click();
  await page.getByRole('alert').filter({ hasText: 'Zoë Cohen (zoe-1) is banned until' }).waitFor();
  await page.getByRole('button', { name: 'Members' }).click();
  const members = page.getByRole('dialog', { name: 'Members' });
  await expect.poll(() => members.getByRole('listitem').filter({ hasText: 'zoe-1' }).innerText()).toContain('Banned from all channels until');
  await expect.poll(() => members.getByRole('listitem').filter({ hasText: 'zoe-2' }).innerText()).not.toContain('Banned');
});

describe('a link with a token', () => {
  const mallory = mint({ sub: 'mallory', name: 'Mallory' });
  const follow = () => page.evaluate((token) => void (location.hash = `token=${token}`), mallory);

  test('replaces nobody’s session unasked', async () => {
    await visit.signIn('/channels/team:room-7?members');
    await page.getByRole('dialog', { name: 'Members' }).waitFor();
    await follow(); // The question lies over what is open.
    await page.getByRole('dialog', { name: 'Sign in as somebody else?' }).getByText('Mallory (mallory)').waitFor();
    await visit.expectAccessible();
    expect(page.url()).not.toContain('token');
    await page.keyboard.press('Enter'); // The focus is on staying.
    await page.getByRole('button', { name: 'Account of Clara Clerk' }).waitFor();
    await visit.go(`/channels#token=${mallory}`);
    await page.getByRole('dialog', { name: 'Sign in as somebody else?' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Account of Clara Clerk' }).waitFor();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  });

  test('is followed if one says so', async () => {
    await visit.signIn('/channels');
    await follow();
    await page.getByRole('button', { name: 'Sign in anew' }).click();
    await page.getByRole('button', { name: 'Account of Mallory' }).waitFor();
  });
});

test('a picture of an unknown host is a link, and its host is not asked', async () => {
  const attachments = [
    { title: 'Elsewhere', assetUrl: 'https://pictures.example.org/secret/a.png' },
    { title: 'Allowed', assetUrl: 'https://cdn.example.com/b.png' },
  ];
  const asked: string[] = [];
  await visit.context.route(/example\.(org|com)/, (route) => {
    asked.push(new URL(route.request().url()).host);
    return route.fulfill({ contentType: 'image/png', body: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64') });
  });
  const i = { channelId: 'room-8', type: 'Gaming', text: 'two pictures', attachments };
  await server.ask('mutation ($i: SendMessageToChannelChanelInput!) { sendMessageToChannel(input: $i) }', { i });
  await visit.signIn('/channels/gaming:room-8');
  const link = page.getByRole('link', { name: 'Elsewhere' });
  await link.getByText('pictures.example.org').waitFor();
  expect(await link.getAttribute('target')).toBe('_blank');
  expect(await link.getAttribute('rel')).toContain('noreferrer');
  await page.getByRole('button', { name: 'Picture “Allowed”' }).waitFor();
  await expect.poll(() => [...new Set(asked)]).toEqual(['cdn.example.com']);
  await visit.expectAccessible();
});

test('on a slow network the shape of the page is there at once', async () => {
  const devtools = await visit.context.newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', { offline: false, latency: 50, downloadThroughput: 50_000, uploadThroughput: 50_000 });
  await page.goto(`${server.url}/console/channels#token=${mint()}`, { waitUntil: 'commit' });
  await expect.poll(() => page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity)).toBeLessThan(1_500);
  await page.locator('main h1').waitFor();
});

test('on a telephone the menus of messages cover no words, and are large enough for a finger', async () => {
  await visit.close();
  visit = await Visit.open(browser, server, { viewport: NARROW, hasTouch: true, isMobile: true });
  page = visit.page;
  await visit.signIn('/channels/team:room-7');
  const button = page.getByRole('button', { name: 'What to do with the message' }).first();
  const box = await button.boundingBox();
  expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(40);
  const words = await page.locator('[data-message] p').first().boundingBox();
  expect((words?.x ?? 0) + (words?.width ?? 999)).toBeLessThanOrEqual((box?.x ?? 0) + 1);
  await visit.expectNoSidewaysScroll();
  await visit.expectAccessible();
});
