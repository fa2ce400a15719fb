import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { launch, Visit } from '../browser.ts';
import { Server } from '../server.ts';

// A clerk's tasks from beginning to end with the keyboard alone. That of deletion is with the list's tests.

let browser: Browser;
let server: Server;
let visit: Visit;
let page: Page;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  server = await Server.start();
  const users = ['amira', 'anton', 'bela'].map((id) => ({ id, name: `${id} of the night shift` }));
  await server.ask('mutation ($u: [ChatUserInput!]!) { upsertChatUsers(input: {users: $u}) { users { id } } }', { u: users });
  visit = await Visit.open(browser, server);
  page = visit.page;
});
afterEach(async () => {
  await visit.close();
  await server.close();
});

const roles = async () => {
  const { chatUsers } = await server.ask<{ chatUsers: { nodes: { id: string; role: string }[] } }>('{ chatUsers(ids: ["amira", "anton", "bela", "cleo"]) { nodes { id role } } }');
  return chatUsers.nodes.map(({ id, role }) => `${id} ${role}`).sort();
};
const toast = (text: string | RegExp) => page.getByRole('alert').filter({ hasText: text });

test('a list is imported, and the import undone', async () => {
  await visit.signIn('/channels');
  await visit.openPalette();
  await page.keyboard.type('import');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Import users', level: 1 }).waitFor();
  await visit.tabTo('Or paste the list');
  await page.keyboard.insertText('id,name,role\namira,Amira,moderator\ncleo,Cleo,\n');
  await visit.tabTo('Preview');
  await page.keyboard.press('Enter');
  await page.getByText('All 2').waitFor();
  await visit.expectAccessible();
  await visit.tabTo('Import 2 users');
  await page.keyboard.press('Enter');
  await expect.poll(roles).toEqual(['amira MODERATOR', 'anton USER', 'bela USER', 'cleo USER']);
  await visit.tabTo('Give back');
  await page.keyboard.press('Enter');
  await expect.poll(roles).toEqual(['amira USER', 'anton USER', 'bela USER', 'cleo USER']);
});

test('users get a role, and the old ones back', async () => {
  await visit.signIn('/users');
  await page.keyboard.press('/');
  await page.keyboard.type('night');
  await page.waitForURL(/search=night/);
  await page.getByRole('checkbox', { name: 'Select bela' }).waitFor();
  await visit.tabTo('Select amira');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Space');
  await page.keyboard.press('Shift+Tab');
  await page.getByText('2 users selected').waitFor();
  await visit.tabTo('Change role', 'Shift+Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Change the role of 2 users' }).getByRole('radio', { name: 'Moderator' }).and(page.locator(':focus')).waitFor();
  await page.keyboard.press('ArrowDown'); // from Moderator to Admin
  await page.keyboard.press('Enter');
  await toast('Role of 2 users changed.').waitFor();
  await expect.poll(roles).toEqual(expect.arrayContaining(['anton ADMIN', 'bela ADMIN']));
  await page.keyboard.press('Control+z');
  await toast('Undone.').waitFor();
  await expect.poll(roles).toEqual(expect.arrayContaining(['anton USER', 'bela USER']));
});
