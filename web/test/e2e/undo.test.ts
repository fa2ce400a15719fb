import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { launch, NARROW, Visit } from '../browser.ts';
import { mint, Server } from '../server.ts';

// A back office that forgives: who did what, and undoing it from the notice, Activity and the bin.

let browser: Browser;
let server: Server;
let visit: Visit;
let page: Page;

const NORA = mint({ sub: 'nora', name: 'Nora Lind' });

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  const users = [['anna', 'Anna Berg'], ['ben', 'Ben Okafor'], ['nora', 'Nora Lind']].map(([id, name]) => ({ id, name }));
  await server.ask('mutation ($u: [ChatUserInput!]!) { upsertChatUsers(input: {users: $u}) { users { id } } }', { u: users });
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

const toast = (text: string | RegExp) => page.getByRole('alert').filter({ hasText: text });
const entry = (text: string | RegExp) => page.getByRole('article').filter({ hasText: text });
const row = (name: string) => page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
const act = (mutation: string, token?: string) => server.ask(`mutation { ${mutation} }`, {}, token);
const channel = (id: string, name: string) => act(`createOrUpdateChannel(input: {id: "${id}", name: "${name}"})`);
const names = async (...ids: string[]) => {
  const { allChannels } = await server.ask<{ allChannels: { id: string; name: string }[] }>('{ allChannels { id name } }');
  return allChannels.filter(({ id }) => ids.some((each) => id.startsWith(each))).map(({ id, name }) => `${id} ${name}`);
};

test('a clerk deletes the wrong hundred channels, and has them back by a key', async () => {
  for (let from = 0; from < 100; from += 20) {
    await act(Array.from({ length: 20 }, (_, n) => `c${n}: createOrUpdateChannel(input: {id: "many-${from + n}", name: "Many ${from + n}"})`).join('\n'));
  }
  await act('sendMessageToChannel(input: {channelId: "many-7", text: "still here"})');
  await visit.signIn('/channels?search=many');
  await page.getByRole('status').filter({ hasText: '100 channels' }).waitFor();
  await page.getByRole('grid').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  const dialog = page.getByRole('dialog', { name: 'Delete 100 channels?' });
  await dialog.getByText(/^They go to the bin, from which they can be brought back until /).waitFor();
  await dialog.getByLabel('Type 100').fill('100');
  await dialog.getByLabel('Reason').fill('A mistake');
  await page.keyboard.press('Enter');
  await toast('100 channels deleted').getByRole('button', { name: 'Undo' }).waitFor();
  expect(await names('many')).toEqual([]);
  await page.keyboard.press('Control+z');
  await toast('Undone.').waitFor();
  expect(await names('many')).toHaveLength(100);
  await page.getByRole('status').filter({ hasText: '100 channels' }).waitFor();
  const { messages } = await server.ask<{ messages: { nodes: { text: string }[] } }>('{ messages(cid: "livestream:many-7", last: 1) { nodes { text } } }');
  expect(messages.nodes).toEqual([{ text: 'still here' }]);
});

test('more than a hundred come back by the notice, also where others have their ids meanwhile', async () => {
  const MANY = 120;
  for (let from = 0; from < MANY; from += 20) {
    await act(Array.from({ length: 20 }, (_, n) => `c${n}: createOrUpdateChannel(input: {id: "taken-${from + n}", name: "Taken ${from + n}"})`).join('\n'));
  }
  await visit.signIn('/channels?search=taken');
  await page.getByRole('status').filter({ hasText: new RegExp(`^${MANY} (of [\\d,]+ )?channels`) }).waitFor();
  await page.getByRole('grid').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.getByRole('dialog', { name: `Delete ${MANY} channels?` }).getByLabel(`Type ${MANY}`).fill(String(MANY));
  await page.keyboard.press('Enter');
  const undo = toast(`${MANY} channels deleted`).getByRole('button', { name: 'Undo' });
  await undo.waitFor();
  for (const id of ['taken-7', 'taken-70']) await channel(id, 'Taken by another');
  await undo.click();
  await toast('Another channel has the same id now.').getByRole('button', { name: 'Bring back under another id' }).click();
  await toast('Undone.').waitFor();
  const back = await names('taken-');
  expect(back).toHaveLength(MANY + 2);
  expect(back).toEqual(expect.arrayContaining(['taken-7 Taken by another', 'taken-7-2 Taken 7', 'taken-70-2 Taken 70', 'taken-119 Taken 119']));
  await page.getByRole('status').filter({ hasText: new RegExp(`^${MANY + 2} (of [\\d,]+ )?channels`) }).waitFor();
  await visit.go('/activity');
  await entry(`deleted ${MANY} channels`).getByText('Undone').waitFor();
  await entry('undid a change').getByText('Undid a change: make that change again instead').first().waitFor();
});

test('Activity says who made whom a moderator, when and why, as it happens, and undoes it for a reason', async () => {
  await visit.signIn('/activity');
  await entry('Clara Clerk').or(entry('clerk')).first().waitFor();
  await act('setRoles(input: {userIds: ["anna", "ben"], role: MODERATOR, reason: "Night shift"}) { __typename }', NORA);
  const made = entry('Nora Lind (nora) changed the role of 2 users');
  await made.getByText('Reason: Night shift').waitFor();
  expect(await made.getByRole('definition').first().innerText()).toMatch(/User\s+Moderator/);
  await visit.expectAccessible();
  await made.getByRole('button', { name: 'Undo' }).click();
  const dialog = page.getByRole('dialog', { name: 'Undo this?' });
  await dialog.getByText('Anna Berg (anna)').waitFor();
  await visit.expectAccessible();
  await dialog.getByLabel('Reason').fill('Not yet');
  await page.keyboard.press('Enter');
  await toast('Undone.').waitFor();
  await made.getByText('Undone').waitFor();
  expect(await made.getByRole('button', { name: 'Undo' }).count()).toBe(0);
  const undo = entry('undid a change').filter({ hasText: 'Reason: Not yet' });
  await undo.getByText('Reason: Not yet').waitFor();
  await undo.getByText('Undid a change: make that change again instead').waitFor();
  const { chatUsers } = await server.ask<{ chatUsers: { nodes: object[] } }>('{ chatUsers(ids: ["anna", "ben"]) { nodes { role } } }');
  expect(chatUsers.nodes).toEqual([{ role: 'USER' }, { role: 'USER' }]);
  await undo.getByRole('link', { name: 'See what was undone' }).click();
  await page.getByRole('dialog', { name: 'One change' }).getByText('Request id').waitFor();
  await visit.expectAccessible();
});

test('the filter is in the address, refused attempts are marked, and what was made says why it stays', async () => {
  await channel('made', 'Made new');
  const ben = mint({ sub: 'ben', name: 'Ben Okafor', roles: [] });
  await expect(act('setRoles(input: {userIds: ["ben"], role: ADMIN}) { __typename }', ben)).rejects.toThrow('UNAUTHORIZED');
  await visit.signIn('/activity');
  await page.getByLabel('How it ended').selectOption('Refused');
  await expect.poll(() => page.getByRole('article').allInnerTexts()).toEqual([expect.stringMatching(/Ben Okafor \(ben\) was refused: Changing roles/)]);
  await page.getByRole('button', { name: 'Clear the filter' }).click();
  await page.keyboard.press('/');
  await page.keyboard.type('nora');
  await page.getByRole('option', { name: 'Nora Lind nora' }).click();
  await expect.poll(() => new URL(page.url()).search).toBe('?by=nora');
  await entry('Nora Lind (nora) changed the role').waitFor();
  expect(await entry('Ben Okafor').filter({ hasText: 'was refused' }).count()).toBe(0);
  await visit.signIn('/activity?cid=livestream:made');
  await entry('created a channel').getByText('Made something new: delete it instead').waitFor();
  expect(await page.getByRole('article').count()).toBe(1);
  await page.getByLabel('Until the day').fill('2020-01-01');
  await page.getByRole('heading', { name: 'No change matches' }).waitFor();
});

test('a channel’s and a user’s own activity is reached from them', async () => {
  await channel('own', 'Own');
  await visit.signIn('/channels/livestream:own');
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Activity' }).click();
  await entry('created a channel').waitFor();
  expect(await page.getByRole('combobox', { name: 'In the channel' }).inputValue()).toBe('livestream:own');
  await visit.signIn('/users?search=ben');
  await page.getByRole('button', { name: 'Actions for Ben Okafor' }).click();
  await page.getByRole('menuitem', { name: 'Changes by this user' }).click();
  await entry('was refused').waitFor();
});

test('a message that its sender deleted says in Activity why nobody else brings it back', async () => {
  await channel('own-words', 'Own words');
  await act('sendMessageToChannel(input: {channelId: "own-words", text: "not for long"})', NORA);
  const { messages } = await server.ask<{ messages: { nodes: { id: string }[] } }>('{ messages(cid: "livestream:own-words", last: 1) { nodes { id } } }');
  await act(`deleteMessage(input: {cid: "livestream:own-words", messageId: "${messages.nodes[0]?.id}"}) { messageId }`, NORA);
  await visit.signIn('/activity?cid=livestream:own-words');
  const deletion = entry('deleted a message');
  await deletion.getByText('Its author deleted it: nobody else brings it back').waitFor();
  expect(await deletion.getByRole('button', { name: 'Undo' }).count()).toBe(0);
});

test('what somebody changed since is shown, and not lost', async () => {
  await channel('shared', 'First name');
  await visit.signIn('/channels?edit=livestream:shared');
  await page.getByRole('dialog').getByLabel('Name').fill('Second name');
  await page.keyboard.press('Control+Enter');
  await toast('Renamed First name').waitFor();
  await act('createOrUpdateChannel(input: {id: "shared", name: "Third name"})', NORA);
  await page.keyboard.press('Control+z');
  await toast(/nora changed the same on .*Undoing this would lose that change/).getByRole('button', { name: 'See in Activity' }).click();
  const theirs = page.getByRole('dialog', { name: 'One change' });
  await theirs.getByRole('article').getByText('Third name', { exact: true }).first().waitFor();
  expect(await names('shared')).toEqual(['shared Third name']);
});

test('the bin brings back one and many, also under another id, and tells how long there is', async () => {
  for (const id of ['bin-a', 'bin-b', 'bin-c']) await channel(id, `Binned ${id.at(-1)?.toUpperCase()}`);
  await act('deleteChannels(input: {cids: ["livestream:bin-a", "livestream:bin-b", "livestream:bin-c"]})', NORA);
  await visit.signIn('/bin?search=binned');
  await row('Binned A').getByText('30 days').waitFor();
  await row('Binned A').getByText('Nora Lind', { exact: true }).waitFor();
  await visit.expectAccessible();
  await page.getByRole('checkbox', { name: 'Select Binned A' }).check();
  await page.getByRole('checkbox', { name: 'Select Binned C' }).click({ modifiers: ['Shift'] });
  await page.getByText('3 channels selected').waitFor();
  await page.getByRole('checkbox', { name: 'Select Binned B' }).uncheck();
  await page.getByRole('button', { name: 'Bring back' }).click();
  await page.getByRole('dialog', { name: 'Bring 2 channels back?' }).getByRole('list').getByText('Binned C').waitFor();
  await visit.expectAccessible();
  await page.getByRole('dialog').getByRole('button', { name: 'Bring back' }).click();
  await toast('Undone.').waitFor();
  await row('Binned A').waitFor({ state: 'detached' });
  await expect.poll(() => names('bin-')).toEqual(['bin-a Binned A', 'bin-c Binned C']);
  // Somebody else has its id meanwhile.
  await channel('bin-b', 'Another');
  await page.getByRole('button', { name: 'Actions for Binned B' }).click();
  await page.getByRole('menuitem', { name: 'Bring back…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Bring this channel back?' });
  await dialog.getByRole('button', { name: 'Bring back' }).click();
  await dialog.getByText('Another channel has the same id now.').waitFor();
  await visit.expectAccessible();
  await dialog.getByRole('button', { name: 'Bring back under another id' }).click();
  await page.getByRole('heading', { name: 'No deleted channel matches' }).waitFor();
  expect(await names('bin-')).toEqual(['bin-b Another', 'bin-a Binned A', 'bin-b-2 Binned B', 'bin-c Binned C']);
});

test('on a telephone, with the keyboard alone, a channel is erased by its name, and what went is told', async () => {
  await channel('erase', 'Erase me');
  await act('sendMessageToChannel(input: {channelId: "erase", text: "one"})');
  await act('deleteChannels(input: {cids: ["livestream:erase"]})', NORA);
  await page.setViewportSize(NARROW);
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await visit.signIn('/bin?search=erase');
  await page.getByRole('checkbox', { name: 'Select Erase me' }).focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Bring back…' }).waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  await expect
    .poll(async () => {
      if ((await focused()) !== 'Erase for good…') await page.keyboard.press('ArrowDown');
      return focused();
    })
    .toBe('Erase for good…');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Erase Erase me (livestream:erase) for good?' });
  await dialog.waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('INPUT');
  expect(await dialog.getByRole('button', { name: 'Erase for good' }).isDisabled()).toBe(true);
  await page.keyboard.type('Erase me');
  await visit.expectAccessible();
  await visit.expectNoSidewaysScroll();
  await page.keyboard.press('Enter');
  const report = page.getByRole('dialog', { name: 'Erase me (livestream:erase) is erased' });
  await expect.poll(() => report.getByRole('definition').first().innerText()).toBe('1');
  await visit.expectAccessible();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'No deleted channel matches' }).waitFor();
});
