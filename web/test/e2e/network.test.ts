import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { launch, Visit } from '../browser.ts';
import { makeMany } from '../many.ts';
import { Server } from '../server.ts';

let browser: Browser;
let server: Server;
let visit: Visit;
let page: Page;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  await server.ask('mutation { upsertChatUsers(input: {users: [{id: "anna", name: "Anna"}, {id: "ben", name: "Ben", role: ADMIN}]}) { users { id } } }');
  await server.ask('mutation { createOrUpdateChannel(input: {id: "news", name: "News"}) }');
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
const NO_ANSWER = 'A change you made may have arrived or not; to try again cannot do it twice.';

/** What becomes of the nth sending of an operation. */
type Fate = 'slow' | 'slow, lost after' | 'lost before' | 'lost after' | 'bad gateway' | 'passed';

/** Gives the sendings of an operation their fates, the last one's to all that follow; tells their keys. */
async function fates(operation: string, ...fates: Fate[]): Promise<{ keys: string[]; release(): void }> {
  const keys: string[] = [];
  const held: (() => void)[] = [];
  await page.route('**/graphql', async (route: Route) => {
    const request = route.request();
    if (request.postDataJSON()?.operationName !== operation) return route.fallback();
    const fate = fates[Math.min(keys.length, fates.length - 1)];
    keys.push(request.headers()['idempotency-key'] ?? '');
    if (fate?.startsWith('slow')) await new Promise<void>((resolve) => held.push(resolve));
    if (fate === 'lost before') return route.abort('connectionreset');
    if (fate === 'bad gateway') return route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad Gateway</h1>' });
    if (fate?.endsWith('lost after')) {
      await route.fetch();
      return route.abort('connectionreset');
    }
    return route.continue();
  });
  const release = () => {
    for (const go of held.splice(0)) go();
  };
  return { keys, release };
}

describe('a slow or torn network', () => {
  test('a deletion under way is not left by Escape, the palette or a step back, and goes on under the key whose answer was lost', async () => {
    await makeMany(server, 'Gone', 220);
    const { keys, release } = await fates('ApplyPlan', 'slow, lost after', 'passed');
    await visit.signIn('/users');
    await page.getByRole('navigation').getByRole('link', { name: 'Channels' }).click(); // so that there is somewhere to step back to
    await page.getByLabel('Search names and ids').fill('gone');
    await page.getByRole('checkbox', { name: 'Select all 220 that match' }).check();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete 220 channels?' });
    await dialog.getByLabel('Type 220').fill('220');
    await page.keyboard.press('Enter');
    await expect.poll(() => keys.length).toBe(1);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Find a channel, user, page or command…').fill('users');
    await page.keyboard.press('Enter');
    await page.goBack();
    await dialog.waitFor();
    release();
    await dialog.getByText(NO_ANSWER).waitFor();
    await visit.expectAccessible();
    await expect.poll(() => server.ask('{ channels(search: "gone") { nodes { cid } } }')).toEqual({ channels: { nodes: [] } });
    await dialog.getByRole('button', { name: 'Delete 220 channels' }).click();
    await toast('220 channels deleted').waitFor();
    expect(keys).toEqual([keys[0], keys[0]]);
    expect(await server.ask('{ jobs { nodes { total } } }')).toEqual({ jobs: { nodes: [{ total: 220 }] } });
  });

  test('a role whose answer was lost is given once, and can still be undone', async () => {
    const role = async () => (await server.ask<{ chatUsers: { nodes: { role: string }[] } }>('{ chatUsers(ids: ["ben"]) { nodes { role } } }')).chatUsers.nodes[0]?.role;
    const { keys, release } = await fates('SetRoles', 'lost after', 'slow', 'passed');
    await visit.signIn('/users?search=ben');
    await page.getByRole('button', { name: 'Actions for Ben' }).click();
    await page.getByRole('menuitem', { name: 'Change role' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('radio', { name: 'User' }).check();
    await dialog.getByRole('button', { name: 'Change role' }).click();
    await dialog.getByText(NO_ANSWER).waitFor();
    await expect.poll(() => role()).toBe('USER');
    await dialog.getByRole('button', { name: 'Change role' }).click();
    await page.keyboard.press('Escape');
    await expect.poll(() => dialog.getByRole('button', { name: 'Cancel' }).isDisabled()).toBe(true);
    release();
    await toast('Role of 1 user changed').getByRole('button', { name: 'Undo' }).click();
    await toast('Undone.').waitFor();
    await expect.poll(() => role()).toBe('ADMIN');
    expect(keys).toEqual([keys[0], keys[0]]);
  });

  test('messages come in the order they were written, and one whose answer was lost comes once', async () => {
    const { keys, release } = await fates('SendMessageToChannel', 'slow', 'lost after', 'passed');
    await visit.signIn('/channels/livestream:news');
    const field = page.getByRole('textbox', { name: /^Write a message/ });
    for (const text of ['first', 'second', 'third']) {
      await field.fill(text);
      await page.keyboard.press('Control+Enter');
    }
    await page.getByText('Sending').nth(2).waitFor();
    expect(keys).toHaveLength(1);
    release();
    await page.getByRole('article').filter({ hasText: 'third' }).waitFor();
    await page.locator('[data-outgoing]').first().waitFor({ state: 'detached' });
    const { messages } = await server.ask<{ messages: { nodes: { text: string }[] } }>('{ messages(cid: "livestream:news") { nodes { text } } }');
    expect(messages.nodes.map(({ text }) => text)).toEqual(['first', 'second', 'third']);
  });

  test('what failed without a dialog is tried again from its note, under its key', async () => {
    const { keys } = await fates('ChannelFreeze', 'bad gateway', 'lost after', 'passed');
    await visit.signIn('/channels/livestream:news');
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Freeze', exact: true }).click();
    await toast(NO_ANSWER).getByRole('button', { name: 'Try again' }).click();
    await toast(NO_ANSWER).getByRole('button', { name: 'Try again' }).click();
    await toast('frozen').getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Freeze', exact: true }).waitFor();
    expect(keys).toEqual([keys[0], keys[0], keys[0]]);
    visit.forgive(/502/);
  });

  test('a page whose code does not come says so, and comes when the server can be reached', async () => {
    await visit.signIn('/users');
    await visit.context.setOffline(true);
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('heading', { name: 'This page did not come' }).waitFor();
    await page.getByText('The server cannot be reached').waitFor();
    await visit.expectAccessible();
    await visit.context.setOffline(false);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    visit.forgive(/Failed to fetch|preload|CodeMissing/);
  });

  test('a picture whose upload is cut off is not shown as taken, and is sent again', async () => {
    let cut = true;
    await page.route('**/media', (route) => (cut ? route.abort('connectionreset') : route.continue()));
    await visit.signIn('/channels?edit=new');
    const drawer = page.getByRole('dialog');
    await drawer.getByLabel('Name').fill('Pictured');
    const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
    await drawer.locator('input[type=file]').setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: png });
    await drawer.getByRole('button', { name: 'Use this part' }).click();
    await drawer.getByText(NO_ANSWER).waitFor();
    await expect.poll(() => drawer.locator('img').count()).toBe(0);
    cut = false;
    await drawer.getByRole('button', { name: 'Try again' }).click();
    await drawer.locator('img').waitFor();
    await drawer.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('row').filter({ hasText: 'Pictured' }).locator('img').waitFor();
  });
});
