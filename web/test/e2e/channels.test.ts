import { deflateSync } from 'node:zlib';

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { launch, NARROW, Visit } from '../browser.ts';
import { framesDuring, scrollThrough } from '../frames.ts';
import { makeMany } from '../many.ts';
import { Server } from '../server.ts';

let browser: Browser;
let server: Server;
let visit: Visit;
let page: Page;

const MANY = 10_000;
const HOSTILE = ['<img src=x onerror="document.title=1">', '🦊'.repeat(255), 'محادثة (VIP) 1', 'W'.repeat(255), '\u202Bgnp.exe'];
const LIST = /^List of channels/;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  await makeMany(server, 'Room', 40);
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

const grid = () => page.getByRole('grid', { name: LIST });
const row = (name: string | RegExp) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
const note = (text: string | RegExp) => page.getByRole('status').filter({ hasText: text });
const toast = (text: string | RegExp) => page.getByRole('alert').filter({ hasText: text });
const search = () => page.getByLabel('Search names and ids');
const activeRow = () =>
  page.evaluate(() => {
    const id = document.querySelector('[role=grid]')?.getAttribute('aria-activedescendant') ?? '';
    return document.getElementById(id)?.querySelector('bdi[class*=id]')?.textContent ?? '';
  });
const enter = async (place = '/channels') => {
  await visit.signIn(place);
  await grid().waitFor();
};
const create = (name: string, more = {}) =>
  server.ask('mutation ($i: CreateOrUpdateStreamChatChanelInput!) { createOrUpdateChannel(input: $i) }', { i: { name, ...more } });
const count = async (search: string) => {
  const { channels } = await server.ask<{ channels: { nodes: unknown[] } }>(
    'query ($s: String!) { channels(first: 10000, search: $s) { nodes { cid } } }', { s: search });
  return channels.nodes.length;
};

/** A square PNG of one colour. */
function png(side: number, claimed = side): Buffer {
  const crcs = Array.from({ length: 256 }, (_, n) => Array.from({ length: 8 }).reduce<number>((c) => (c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1), n));
  const chunk = (name: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE((body.reduce((sum, byte) => (crcs[(sum ^ byte) & 255] ?? 0) ^ (sum >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(data.length);
    return Buffer.concat([size, body, crc]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(claimed, 0);
  head.writeUInt32BE(claimed, 4);
  head.set([8, 2], 8);
  const line = Buffer.concat([Buffer.of(0), Buffer.alloc(side * 3, 0x7f)]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: side }, () => line)));
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', pixels), chunk('IEND', Buffer.of())]);
}

describe('the list', () => {
  test('finds by name and id as one types, keeps the search in the address, and filters by type', async () => {
    await enter();
    await note('40 channels').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('ROOM 1');
    await note('11 of 40 channels').waitFor();
    await page.waitForURL(/search=ROOM/);
    await page.reload();
    await note('11 of 40 channels').waitFor();
    await page.getByLabel('Type of the channels shown').selectOption('messaging');
    await note('3 of 40 channels').waitFor();
    await search().fill('gaming:room-3');
    await page.getByLabel('Type of the channels shown').selectOption('');
    await row('Room 3').first().waitFor();
    await search().fill('nothing');
    await page.getByText('No channel matches “nothing”').waitFor();
    await visit.expectAccessible();
    await page.getByRole('button', { name: 'Clear the search' }).last().click();
    await note('40 channels').waitFor();
  });

  test('sorts by each column, both ways', async () => {
    await enter();
    const first = () => page.getByRole('rowheader').first().locator('bdi').nth(2).textContent();
    const header = (name: string) => page.getByRole('columnheader', { name });
    await expect.poll(() => first()).toMatch(/^livestream:room-0/);
    await expect.poll(() => header('Name').getAttribute('aria-sort')).toBe('ascending');
    await header('Name').getByRole('button').click();
    await expect.poll(() => header('Name').getAttribute('aria-sort')).toBe('descending');
    await expect.poll(() => first()).toContain('room-39');
    await header('Type').getByRole('button').click();
    await expect.poll(() => first()).toContain('commerce:');
    await server.ask('mutation { sendMessageToChannel(input: {channelId: "room-7", type: Team, text: "Hello"}) }');
    await page.reload();
    for (const column of ['Messages', 'Last message']) {
      await header(column).getByRole('button').click();
      await page.waitForFunction(() => document.querySelector('[role=rowheader]')?.textContent?.includes('team:room-7'));
    }
    expect(page.url()).toContain('sort=-activity');
  });

  test('is used with the keyboard alone', async () => {
    await enter();
    await page.keyboard.press('/');
    await page.keyboard.type('room');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid');
    await expect.poll(() => activeRow()).toBe('livestream:room-0');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press(' ');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await note('3 selected').waitFor();
    await visit.expectAccessible();
    await page.keyboard.press('End');
    await expect.poll(() => activeRow()).toBe('commerce:room-39');
    await expect.poll(() => page.getByRole('row', { selected: true }).count()).toBeLessThan(4);
    await page.keyboard.press('Delete');
    await page.getByRole('dialog', { name: 'Delete 3 channels?' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'grid');
    await expect.poll(() => activeRow()).toBe('commerce:room-39');
    await page.keyboard.press('Escape');
    await note('selected').waitFor({ state: 'detached' });
    await page.keyboard.press('n');
    await page.getByRole('dialog', { name: 'New channel' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'grid');
    await page.keyboard.press('e');
    await page.getByRole('dialog', { name: 'Edit channel' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'grid');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/channels\/commerce:room-39$/);
    await page.getByRole('heading', { name: 'Room 39', level: 1 }).waitFor();
  });

  test('freezes, undoes that, and deletes all that match, with the keyboard alone', async () => {
    for (const n of [1, 2, 3]) await create(`Keyed ${n}`, { id: `keyed-${n}` });
    await enter();
    await page.keyboard.press('/');
    await page.keyboard.type('keyed');
    await note('3 of 43 channels').waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+a');
    await note('3 selected').waitFor();
    await visit.tabTo('Freeze');
    await page.keyboard.press('Enter');
    const freezing = page.getByRole('dialog', { name: 'Freeze 3 channels?' });
    await freezing.getByText('Keyed 3').waitFor();
    await freezing.getByRole('button', { name: 'Freeze' }).and(page.locator(':focus')).waitFor(); // not the bar's
    await page.keyboard.press('Enter');
    await toast('3 channels frozen').waitFor();
    await row('Keyed 1').getByText('Frozen').waitFor();
    await page.keyboard.press('Control+z');
    await toast('3 channels frozen').waitFor({ state: 'detached' });
    await row('Keyed 1').getByText('Frozen').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+z'); // Once is all there was.
    await grid().focus();
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Delete');
    await page.getByRole('dialog', { name: 'Delete 3 channels?' }).waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute('inputmode') === 'numeric');
    await page.keyboard.type('3');
    await page.keyboard.press('Enter');
    await toast('3 channels deleted').waitFor();
    await expect.poll(() => count('keyed')).toBe(0);
  });

  test('shows at once what another clerk does', async () => {
    await visit.signIn('/channels?search=somebody');
    await page.getByText('No channel matches “somebody”').waitFor();
    await create('Somebody else', { id: 'else' });
    await row('Somebody else').waitFor();
    await create('Somebody new', { id: 'else' });
    await row('Somebody new').waitFor();
    await server.ask('mutation { freezeChannel(input: {cid: "livestream:else", frozen: true}) { channel { cid } } }');
    await row('Somebody new').getByText('Frozen').waitFor();
    await server.ask('mutation { deleteChannels(input: {cids: ["livestream:else"]}) }');
    await page.getByText('No channel matches “somebody”').waitFor();
  });

  test('lays out hostile names, wide, narrow and right to left', async () => {
    for (const [n, name] of HOSTILE.entries()) await create(name, { id: `hostile-${n}`, type: 'Gaming' });
    await enter('/channels?search=hostile');
    await note(`5 of 45 channels`).waitFor();
    await expect.poll(() => page.title()).toBe('Channels · Backchannel');
    await page.getByRole('rowheader', { name: '<img src=x' }).waitFor();
    const heights = async () => new Set(await page.getByRole('row').evaluateAll((rows) => rows.slice(1).map((each) => each.getBoundingClientRect().height)));
    await expect.poll(() => heights()).toEqual(new Set([60]));
    await visit.expectNoSidewaysScroll();
    await visit.expectAccessible();
    await page.emulateMedia({ colorScheme: 'dark' });
    await visit.expectAccessible();
    await page.setViewportSize(NARROW);
    await expect.poll(() => grid().evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
    await visit.expectNoSidewaysScroll();
    await visit.expectAccessible();
    await page.setViewportSize({ width: 3840, height: 2160 });
    await row('WWW').getByRole('checkbox').click();
    await page.keyboard.press('Delete');
    await page.getByRole('dialog').waitFor();
    await page.setViewportSize(NARROW);
    await visit.expectNoSidewaysScroll();
    await visit.expectAccessible();
    await server.ask('mutation ($c: [String!]!) { deleteChannels(input: {cids: $c}) }', { c: HOSTILE.map((_, n) => `gaming:hostile-${n}`) });
  });
});

describe('creating and changing', () => {
  test('a channel with an avatar, cut out of a picture', async () => {
    await enter();
    await page.keyboard.press('n');
    const drawer = page.getByRole('dialog', { name: 'New channel' });
    await drawer.getByLabel('Name').fill('Pictured');
    await visit.expectAccessible();
    const choose = (name: string, mimeType: string, buffer: Buffer) => drawer.locator('input[type=file]').setInputFiles({ name, mimeType, buffer });
    await choose('a.png', 'image/png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'));
    await drawer.getByText('This is no PNG or JPEG').waitFor();
    await choose('huge.png', 'image/png', png(8, 60_000));
    await drawer.getByText('more than 30 million pixels').waitFor();
    await choose('face.png', 'image/png', png(64));
    await drawer.getByRole('button', { name: 'Use this part' }).waitFor();
    await visit.expectAccessible();
    await drawer.getByRole('button', { name: 'Use this part' }).click();
    await drawer.locator('img').waitFor();
    await drawer.getByRole('button', { name: 'Create' }).click();
    await toast('Created Pictured').waitFor();
    await row('Pictured').locator('img').waitFor();
    const { channel } = await server.ask<{ channel: { avatar: string; type: string } }>('{ channel(cid: "livestream:pictured") { avatar type } }');
    const stored = await fetch(channel.avatar);
    expect(stored.headers.get('content-type')).toBe('image/png');
    await expect.poll(() => activeRow()).toBe('livestream:pictured');
  });

  test('a name, and undoes the change', async () => {
    await create('Old name', { id: 'renamed' });
    await enter('/channels?search=renamed');
    await row('Old name').getByRole('button', { name: 'Edit Old name' }).click();
    await visit.expectAccessible();
    await page.getByRole('textbox', { name: 'Name' }).fill('New name');
    await page.keyboard.press('Enter');
    await row('New name').waitFor();
    await toast('Renamed').getByRole('button', { name: 'Undo' }).click();
    await row('Old name').waitFor();
    await expect.poll(() => count('Old name')).toBe(1);
  });

  test('says at the field what the server refuses', async () => {
    await enter('/channels?edit=new');
    const drawer = page.getByRole('dialog', { name: 'New channel' });
    await drawer.getByLabel('Name').fill('x'.repeat(256));
    await drawer.getByRole('button', { name: 'Create' }).click();
    await drawer.getByText(/255/).nth(1).waitFor();
    await expect.poll(() => drawer.getByLabel('Name').getAttribute('aria-invalid')).toBe('true');
    await visit.expectAccessible();
    await drawer.getByLabel('Name').fill('Fits');
    await drawer.getByLabel('Id').fill('no spaces!');
    await drawer.getByRole('button', { name: 'Create' }).click();
    await page.waitForFunction(() => document.querySelectorAll('[role=dialog] [aria-invalid=true]').length === 1);
    await expect.poll(() => drawer.getByLabel('Id').getAttribute('aria-invalid')).toBe('true');
  });

  test('freezes, and undoes that', async () => {
    await create('Cold', { id: 'cold' });
    await enter('/channels?edit=livestream:cold&search=cold');
    await page.getByRole('button', { name: 'Freeze' }).click();
    await row('Cold').getByText('Frozen').waitFor({ state: 'attached' });
    await page.keyboard.press('Escape');
    await toast('1 channel frozen').getByRole('button', { name: 'Undo' }).click();
    await row('Cold').getByText('Frozen').waitFor({ state: 'detached' });
  });
});

describe('deleting many', () => {
  test('selects a range with shift, and all that match', async () => {
    await enter('/channels?search=room');
    const select = (index: number) => page.getByRole('gridcell').getByRole('checkbox').nth(index);
    await select(2).click();
    await select(5).click({ modifiers: ['Shift'] });
    await note('4 selected').waitFor();
    await select(3).click();
    await note('3 selected').waitFor();
    await page.getByRole('button', { name: /Select all 40 that match/ }).click();
    await note('40 selected').waitFor();
    await search().fill('room-1');
    await note('40 selected (29 not shown)').waitFor();
    await page.getByRole('button', { name: 'Clear the selection' }).click();
    await page.getByRole('checkbox', { name: 'Select all 11 that match' }).click();
    await note('11 selected').waitFor();
  });

  test('five hundred, after their number is typed', async () => {
    await makeMany(server, 'Doomed', 500);
    await server.ask('mutation { sendMessageToChannel(input: {channelId: "doomed-7", type: Team, text: "Bye"}) }');
    await enter('/channels?search=doomed');
    await page.getByRole('checkbox', { name: 'Select all 500 that match' }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete 500 channels?' });
    await dialog.getByRole('list', { name: 'What it is about' }).getByText('and 480 more').waitFor();
    await expect.poll(() => dialog.locator('dd').allTextContents()).toEqual(['500', '1', '0']);
    await visit.expectAccessible();
    const go = dialog.getByRole('button', { name: 'Delete 500 channels' });
    await dialog.getByLabel('Type 500').fill('499');
    await expect.poll(() => go.isDisabled()).toBe(true);
    await dialog.getByLabel('Type 500').fill('500');
    await page.keyboard.press('Enter');
    await toast('500 channels deleted').waitFor();
    await expect.poll(() => count('doomed')).toBe(0);
    await expect.poll(() => count('room')).toBe(40);
    await page.getByText('No channel matches “doomed”').waitFor();
  });

  test('tells when others match by then, and plans anew', async () => {
    await makeMany(server, 'Halved', 120);
    await enter('/channels?search=halved');
    await page.getByRole('checkbox', { name: 'Select all 120 that match' }).click();
    await grid().focus();
    await page.keyboard.press('Delete');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('list', { name: 'What it is about' }).getByText('and 100 more').waitFor();
    await dialog.getByLabel('Type 120').fill('120');
    await create('Halved too', { id: 'halved-too' });
    await page.keyboard.press('Enter');
    await dialog.getByText('It is about 121 channels now, and was about 120 channels.').waitFor();
    await visit.expectAccessible();
    expect(await count('halved')).toBe(121);
    await dialog.getByLabel('Type 121').fill('121');
    await page.keyboard.press('Enter');
    await toast('121 channels deleted').getByRole('button', { name: 'Undo' }).click();
    await toast('Undone.').waitFor();
    await expect.poll(() => count('halved')).toBe(121);
  });

  test('members join and leave all that match', async () => {
    await server.ask('mutation { upsertChatUsers(input: {users: [{id: "mia", name: "Mia"}]}) { users { id } } }');
    const members = async () => (await server.ask<{ channels: { nodes: { memberCount: number }[] } }>('{ channels(search: "Room 1", first: 50) { nodes { memberCount } } }')).channels.nodes.map(({ memberCount }) => memberCount);
    await enter('/channels?search=room 1');
    await page.getByRole('checkbox', { name: 'Select all 11 that match' }).click();
    for (const [item, submit, done, each] of [['Add members…', 'Add', 'Members added to 11 channels', 1], ['Remove members…', 'Remove', 'Members removed from 11 channels', 0]] as const) {
      if (each === 0) await page.getByRole('checkbox', { name: 'Select all 11 that match' }).click();
      await page.getByRole('button', { name: 'Members…' }).click();
      await page.getByRole('menuitem', { name: item }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('combobox', { name: /member$/ }).fill('mia');
      await page.getByRole('option', { name: /Mia/ }).click();
      await dialog.getByLabel('Reason').focus();
      await dialog.getByText('It can be undone').waitFor();
      if (each === 1) await visit.expectAccessible();
      await dialog.getByRole('button', { name: submit, exact: true }).click();
      await toast(done).getByRole('button', { name: 'Undo' }).waitFor();
      expect(await members()).toEqual(Array.from({ length: 11 }, () => each));
    }
    await toast('Members removed').getByRole('button', { name: 'Undo' }).click();
    await toast('Undone.').waitFor();
    expect(await members()).toEqual(Array.from({ length: 11 }, () => 1));
  });
});

describe('an empty list', () => {
  test('offers the next step: create, import, a sample', async () => {
    const empty = await Server.start();
    const clerk = await Visit.open(browser, empty);
    await clerk.signIn();
    await clerk.page.getByRole('heading', { name: 'No channels yet' }).waitFor();
    await clerk.page.getByRole('link', { name: 'Import users' }).waitFor();
    await clerk.expectAccessible();
    await clerk.page.getByRole('button', { name: 'Load a sample' }).click();
    await clerk.page.getByRole('rowheader', { name: 'Customer support' }).waitFor();
    await clerk.page.getByRole('status').filter({ hasText: '3 channels' }).waitFor();
    await clerk.close();
    await empty.close();
  });

  test('is not what a server that is away looks like', async () => {
    await enter();
    await page.route('**/graphql', (route) => route.fulfill({ json: { errors: [{ message: 'No.', extensions: { code: 'UNAVAILABLE' } }] } }));
    await page.reload();
    await page.getByRole('alert').filter({ hasText: 'cannot answer right now' }).waitFor();
    await visit.expectAccessible();
    await page.unroute('**/graphql');
    await page.getByRole('button', { name: 'Try again' }).click();
    await grid().waitFor();
  });
});

describe('ten thousand channels', () => {
  test('are all there, and scroll and are searched without a stutter', async () => {
    await makeMany(server, 'Crowd', MANY);
    await enter('/channels?search=crowd');
    await note(/^10,000 of/).waitFor();
    await expect.poll(() => page.getByRole('row').count()).toBeLessThan(60);
    const frames = await framesDuring(page, async () => {
      await scrollThrough(page, LIST, 20);
      await search().fill('');
      await search().pressSequentially('crowd 99', { delay: 30 });
    });
    await note(/^111 of/).waitFor();
    // Machines that run tests are busy; make bench-web measures.
    expect(frames.longest).toBeLessThan(1_000);
    expect(frames.count).toBeGreaterThan(20);
  });
});
