import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { launch, NARROW, Visit } from '../browser.ts';
import { Server } from '../server.ts';

let browser: Browser;
let server: Server;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  await server.ask('mutation { createOrUpdateChannel(input: {id: "news", name: "News"}) }');
  await server.ask('mutation { upsertChatUsers(input: {users: [{id: "anna", name: "Anna"}, {id: "ben", name: "Ben"}]}) { users { id } } }');
  await server.ask('mutation { addMembers(input: {cid: "livestream:news", userIds: ["anna"]}) { cid } }');
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

const here = async () => {
  const { restrictions } = await server.ask<{ restrictions: { kind: string; user: { id: string } }[] }>('{ restrictions(cid: "livestream:news") { kind user { id } } }');
  return restrictions.map(({ kind, user }) => `${user.id} ${kind}`).sort();
};

test('who is banned or muted in the channel alone is shown, member or not, and let in again', async () => {
  for (const user of ['anna', 'ben']) {
    await server.ask('mutation ($u: String!) { banUser(input: {cid: "livestream:news", userId: $u}) { userId } }', { u: user });
  }
  const visit = await Visit.open(browser, server);
  const { page } = visit;
  await visit.signIn('/channels/livestream:news?members');
  const row = (name: string) => page.getByRole('dialog').getByRole('listitem').filter({ hasText: name });
  const act = async (name: string, action: string) => {
    await row(name).getByRole('button', { name: `What to do with ${name}` }).click();
    await page.getByRole('menuitem', { name: action }).click();
  };
  const toast = (text: string) => page.getByRole('alert').filter({ hasText: text });
  await row('Anna').getByText('Banned', { exact: true }).waitFor();
  await page.getByRole('heading', { name: 'Not members, but banned or muted here' }).waitFor();
  await row('Ben').getByText('Banned', { exact: true }).waitFor();
  await visit.expectAccessible();
  await page.emulateMedia({ colorScheme: 'dark' });
  await visit.expectAccessible();
  await page.setViewportSize(NARROW);
  await visit.expectNoSidewaysScroll();

  await act('Anna', 'Lift the ban from this channel');
  await toast('Anna (anna) is not banned from this channel any more.').waitFor();
  await row('Anna').getByText('Banned').waitFor({ state: 'detached' });
  await act('Ben', 'Lift the ban from this channel');
  await page.getByRole('heading', { name: 'Not members, but banned or muted here' }).waitFor({ state: 'detached' });
  await expect.poll(() => here()).toEqual([]);

  await act('Anna', 'Ban from this channel…');
  await page.getByRole('dialog', { name: 'Ban Anna (anna) from this channel' }).getByRole('button', { name: 'Ban' }).click();
  await row('Anna').getByText(/^Banned until/).waitFor();
  await expect.poll(() => here()).toEqual(['anna BAN']);
  await toast('Anna (anna) is banned from this channel until').getByRole('button', { name: 'Undo' }).click();
  await row('Anna').getByText('Banned').waitFor({ state: 'detached' });
  await expect.poll(() => here()).toEqual([]);

  await server.ask('mutation { muteUser(input: {cid: "livestream:news", userId: "anna"}) { userId } }'); // by somebody else
  await row('Anna').getByText('Muted', { exact: true }).waitFor();
  await visit.close();
});
