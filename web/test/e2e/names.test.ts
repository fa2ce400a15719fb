import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { launch, NARROW, Visit } from '../browser.ts';
import { mint, Server } from '../server.ts';

// Turns what follows round, closes the isolate around it, and has what nobody sees.
const USER = '\u2069\u202Bevil\u200B Anna';
const USER_SHOWN = '[U+2069][U+202B]evil[U+200B] Anna';
const CHANNEL = 'photo\u202Bgpj.exe\u2066';
const CHANNEL_SHOWN = 'photo[U+202B]gpj.exe[U+2066]';
const ARABIC = 'محادثة (VIP) 1';

let browser: Browser;
let server: Server;
let visit: Visit;
let page: Page;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  const create = 'mutation ($i: CreateOrUpdateStreamChatChanelInput!) { createOrUpdateChannel(input: $i) }';
  await server.ask(create, { i: { id: 'photo', name: CHANNEL } });
  await server.ask(create, { i: { id: 'arabic', name: ARABIC } });
  await server.ask('mutation ($u: [ChatUserInput!]!) { upsertChatUsers(input: {users: $u}) { users { id } } }', { u: [{ id: 'evil', name: USER }, { id: 'ben', name: 'Ben' }] });
  await server.ask('mutation { addMembers(input: {cid: "livestream:photo", userIds: ["evil"]}) { cid } }');
  const said = { channelId: 'photo', text: 'Hello', mentionedUsersIds: ['evil'], attachments: [{ assetUrl: 'https://media.example/a.png', title: CHANNEL }] };
  await server.ask('mutation ($i: SendMessageToChannelChanelInput!) { sendMessageToChannel(input: $i) }', { i: said }, mint({ sub: 'evil', name: USER }));
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});
beforeEach(async () => {
  visit = await Visit.open(browser, server);
  page = visit.page;
  await page.route('https://media.example/**', (route) => route.fulfill({ status: 404 }));
});
afterEach(async () => {
  visit.forgive(/status of 404/);
  await visit.close();
});

/** Nothing that is shown or read aloud holds a character of the kind, and what is set apart ends where it began. */
async function expectNothingHidden(): Promise<void> {
  const found = await page.evaluate(() => {
    const texts = [document.title];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) texts.push(walk.currentNode.textContent ?? '');
    for (const element of document.querySelectorAll('[aria-label], [title], [alt], [placeholder]')) {
      for (const name of ['aria-label', 'title', 'alt', 'placeholder']) texts.push(element.getAttribute(name) ?? '');
    }
    const balanced = (text: string) => text.split(/[\u2066-\u2068]/).length === text.split('\u2069').length;
    return texts.filter((text) => /[\u202A-\u202B\u200B\u2066]/.test(text) || !balanced(text)).map((text) => JSON.stringify(text));
  });
  expect(found).toEqual([]);
}

const toast = (text: string) => page.getByRole('alert').filter({ hasText: text });

test('of channels show what nobody sees, in the list, the form, the notes and the question', async () => {
  await visit.signIn('/channels');
  const row = page.getByRole('row').filter({ hasText: CHANNEL_SHOWN });
  await row.waitFor();
  await expectNothingHidden();
  await row.getByRole('button', { name: `Edit ${CHANNEL_SHOWN}` }).click();
  const drawer = page.getByRole('dialog');
  await drawer.getByText(`It has characters that are not seen: ${CHANNEL_SHOWN}`).waitFor();
  await expect.poll(() => drawer.getByLabel('Name').inputValue()).toBe(CHANNEL);
  await visit.expectAccessible();
  await expectNothingHidden();
  await drawer.getByRole('button', { name: 'Take them out' }).click();
  await expect.poll(() => drawer.getByLabel('Name').inputValue()).toBe('photogpj.exe');
  await drawer.getByRole('button', { name: 'Save' }).click();
  await toast(`Renamed ${CHANNEL_SHOWN} to photogpj.exe`).waitFor();
  await expectNothingHidden();
  await toast('photogpj.exe').getByRole('button', { name: 'Undo' }).click();
  await row.waitFor();
  expect((await server.ask<{ channel: { name: string } }>('{ channel(cid: "livestream:photo") { name } }')).channel.name).toBe(CHANNEL);
  await row.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('dialog').getByText(CHANNEL_SHOWN).waitFor();
  await expectNothingHidden();
});

test('in a channel show it in the title, at messages, mentions, files, members and questions', async () => {
  await visit.signIn('/channels/livestream:photo');
  await page.getByRole('heading', { name: CHANNEL_SHOWN, level: 1 }).waitFor();
  await expect.poll(() => page.title()).toBe(`${CHANNEL_SHOWN} · Backchannel`);
  const message = page.getByRole('article').filter({ hasText: 'Hello' });
  await message.getByText(USER_SHOWN, { exact: true }).first().waitFor();
  await message.getByText(CHANNEL_SHOWN, { exact: true }).waitFor();
  await expectNothingHidden();
  await message.focus();
  await page.keyboard.press('Delete');
  await page.getByRole('dialog').getByText(USER_SHOWN).first().waitFor();
  await expectNothingHidden();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Members' }).click();
  await page.getByRole('button', { name: `What to do with ${USER_SHOWN}` }).waitFor();
  await visit.expectAccessible();
  await expectNothingHidden();
  await page.setViewportSize(NARROW);
  await visit.expectNoSidewaysScroll();
  await visit.go('/channels/livestream:arabic');
  await page.getByRole('heading', { name: ARABIC }).waitFor();
  await expect.poll(() => page.title()).toBe(`\u2068${ARABIC}\u2069 · Backchannel`);
});

test('of users show it in the list, dialogs, notes and the preview of an import', async () => {
  await visit.signIn('/users');
  await page.getByText(USER_SHOWN, { exact: true }).waitFor();
  for (const action of ['Change role', 'Mute…', 'Create a token…']) {
    await page.getByRole('button', { name: `Actions for ${USER_SHOWN}` }).click();
    await page.getByRole('menuitem', { name: action }).click();
    await page.getByRole('dialog').getByText(USER_SHOWN).first().waitFor();
    await expectNothingHidden();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  await visit.go('/users/import');
  await page.getByLabel('Or paste the list').fill(`id,name\nevil,An\u200Bna\nnew,${CHANNEL}\n"b\u202Bad",Bad\n`);
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByText(CHANNEL_SHOWN, { exact: true }).waitFor();
  await page.getByText(`was ${USER_SHOWN}`).waitFor();
  await page.getByText('The id “b[U+202B]ad”').waitFor();
  await expectNothingHidden();
});
