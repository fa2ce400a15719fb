import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { launch, Visit } from '../browser.ts';
import { mint, Server } from '../server.ts';

// Two clerks at once: nobody overwrites what the other did unseen, and whoever comes second sees theirs and yours.

let browser: Browser;
let server: Server;
let visit: Visit;
let page: Page;

const NORA = mint({ sub: 'nora', name: 'Nora Lind' });

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  const users = [['anna', 'Anna Berg'], ['ben', 'Ben Okafor'], ['nora', 'Nora Lind']].map(([id, name]) => ({ id, name }));
  await server.ask('mutation ($u: [ChatUserInput!]!) { upsertChatUsers(input: {users: $u}) { users { id } } }', { u: users });
  await act('createOrUpdateChannel(input: {id: "shared", name: "First name"})');
  await act('addMembers(input: {cid: "livestream:shared", userIds: ["ben"]}) { cid }');
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

const act = (mutation: string, token?: string) => server.ask(`mutation { ${mutation} }`, {}, token);
const toast = (text: string | RegExp) => page.getByRole('alert').filter({ hasText: text });
const dialog = () => page.getByRole('dialog');
const allTheSame = () => dialog().getByRole('button', { name: 'Save mine all the same' });

/** What the alert of a dialog says: theirs, then yours. */
async function expectOvertaken(theirs: string | RegExp, yours: string) {
  const alert = dialog().getByRole('alert').filter({ hasText: /nora changed this on .*Nothing of yours was saved/ });
  await alert.waitFor();
  const said = await alert.innerText();
  expect(said).toMatch(/Theirs[\s\S]*Yours/);
  expect(said.split('Yours')[0]).toMatch(theirs);
  expect(said.split('Yours')[1]).toContain(yours);
  await visit.expectAccessible();
}

async function channel() {
  return (await server.ask<{ channel: { name: string; frozen: boolean } }>('{ channel(cid: "livestream:shared") { name frozen } }')).channel;
}

test('a channel: who renames it second sees the first, and may save all the same', async () => {
  await visit.signIn('/channels?edit=livestream:shared');
  await dialog().getByLabel('Name').fill('My name');
  await act('createOrUpdateChannel(input: {id: "shared", name: "Name of Nora"})', NORA);
  await page.keyboard.press('Control+Enter');
  await expectOvertaken('Name of Nora', 'My name');
  expect((await channel()).name).toBe('Name of Nora');
  await allTheSame().click();
  await toast('My name').waitFor();
  expect((await channel()).name).toBe('My name');
  // What one does oneself meanwhile is in nobody's way.
  await visit.signIn('/channels?edit=livestream:shared');
  await dialog().getByRole('button', { name: 'Freeze' }).click();
  await dialog().getByRole('button', { name: 'Unfreeze' }).waitFor();
  await dialog().getByLabel('Name').fill('Frozen name');
  await page.keyboard.press('Control+Enter');
  await toast('Renamed').waitFor();
  expect(await channel()).toEqual({ name: 'Frozen name', frozen: true });
  await act('freezeChannel(input: {cid: "livestream:shared", frozen: false}) { channel { cid } }');
});

test('a new channel never becomes a change of one that has its id', async () => {
  await visit.signIn('/channels?edit=new');
  await dialog().getByLabel('Name').fill('Another');
  await dialog().getByLabel('Id', { exact: true }).fill('shared');
  await page.keyboard.press('Control+Enter');
  await dialog().getByText('There is a channel with this id already.').waitFor();
  expect((await channel()).name).not.toBe('Another');
});

test('a message: who edits or deletes it second sees the first', async () => {
  await act('sendMessageToChannel(input: {channelId: "shared", text: "First words"})');
  const message = async () => {
    const { messages } = await server.ask<{ messages: { nodes: { id: string; text: string; deletedAt: string | null }[] } }>('{ messages(cid: "livestream:shared", last: 1) { nodes { id text deletedAt } } }');
    const [last] = messages.nodes;
    if (last === undefined) throw new Error('no message');
    return last;
  };
  const { id } = await message();
  const edit = (text: string) => act(`editMessage(input: {cid: "livestream:shared", messageId: "${id}", text: "${text}"}) { message { id } }`, NORA);
  const press = async (key: string) => {
    await page.getByRole('article').filter({ hasText: /words/ }).focus();
    await page.keyboard.press(key);
    await dialog().waitFor();
  };
  await visit.signIn('/channels/livestream:shared');
  await press('e');
  await dialog().getByRole('textbox').fill('My words');
  await edit('Words of Nora');
  await page.keyboard.press('Control+Enter');
  await expectOvertaken('Words of Nora', 'My words');
  expect((await message()).text).toBe('Words of Nora');
  await allTheSame().click();
  await toast('The message is changed.').getByRole('button', { name: 'Undo' }).waitFor();
  expect((await message()).text).toBe('My words');
  await press('Delete');
  await edit('New words of Nora');
  await dialog().getByRole('button', { name: 'Delete the message' }).click();
  await expectOvertaken('New words of Nora', 'Delete');
  expect((await message()).deletedAt).toBeNull();
  await dialog().getByRole('button', { name: 'Delete the message' }).click();
  await toast('The message is deleted.').getByRole('button', { name: 'Undo' }).waitFor();
  await page.keyboard.press('Control+z');
  await toast('Undone.').waitFor();
  expect(await message()).toEqual({ id, text: 'New words of Nora', deletedAt: null });
});

test('a role: who gives one second sees the first', async () => {
  await visit.signIn('/users?search=anna');
  await page.getByRole('button', { name: 'Actions for Anna Berg' }).click();
  await page.getByRole('menuitem', { name: 'Change role…' }).click();
  await dialog().getByRole('radio', { name: 'Moderator' }).check();
  await act('setRoles(input: {userIds: ["anna"], role: ADMIN}) { __typename }', NORA);
  await dialog().getByRole('button', { name: 'Change role' }).click();
  await expectOvertaken(/User\s+Admin/, 'Moderator');
  await allTheSame().click();
  await toast('changed').waitFor();
  const { chatUsers } = await server.ask<{ chatUsers: { nodes: object[] } }>('{ chatUsers(ids: ["anna"]) { nodes { role } } }');
  expect(chatUsers.nodes).toEqual([{ role: 'MODERATOR' }]);
});

test('bans and mutes: what is in force is shown, and not replaced or lifted unseen', async () => {
  await act('muteUser(input: {userId: "ben"}) { userId }', NORA);
  await visit.signIn('/users?search=ben');
  const choose = async (item: string) => {
    await page.getByRole('button', { name: 'Actions for Ben Okafor' }).click();
    await page.getByRole('menuitem', { name: item, exact: true }).click();
  };
  await choose('Mute…');
  await dialog().getByText('Muted, by nora. This replaces it.').waitFor();
  await act('muteUser(input: {userId: "ben", until: "2036-01-01T00:00:00Z"}) { userId }', NORA);
  await dialog().getByRole('button', { name: 'Mute', exact: true }).click();
  await expectOvertaken('2036', '1 day');
  await dialog().getByText(/^Muted until .*2036.*, by nora/).waitFor();
  await allTheSame().click();
  await toast('muted until').waitFor();
  await act('muteUser(input: {userId: "ben", until: "2037-01-01T00:00:00Z"}) { userId }', NORA);
  await choose('Lift the mute');
  await toast(/nora changed this on/).getByRole('button', { name: 'See in Activity' }).waitFor();
  const { chatUsers } = await server.ask<{ chatUsers: { nodes: object[] } }>('{ chatUsers(ids: ["ben"]) { nodes { mute { until } } } }');
  expect(chatUsers.nodes).toEqual([{ mute: { until: expect.stringMatching(/^2037/) } }]);
});
