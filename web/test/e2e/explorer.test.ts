import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { launch, NARROW, Visit } from '../browser.ts';
import { mint, Server } from '../server.ts';

let browser: Browser;
let server: Server;
let visit: Visit;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  await server.ask('mutation { createOrUpdateChannel(input: {id: "hall", name: "The great hall"}) }');
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});
beforeEach(async () => {
  visit = await Visit.open(browser, server);
});
afterEach(() => visit.close());

test('runs a query with the token of who is signed in', async () => {
  const sent: (string | undefined)[] = [];
  visit.page.on('request', (request) => {
    if (request.url().endsWith('/graphql')) sent.push(request.headers()['authorization']);
  });
  const token = mint({ sub: 'erin', name: 'Erin' });
  await visit.signIn('/explorer', token);
  await visit.page.getByRole('button', { name: /^Execute query/ }).click();
  await visit.page.locator('.result-window').getByText('"The great hall"').waitFor();
  expect(new Set(sent)).toEqual(new Set([`Bearer ${token}`]));
});

test('opens with the documented operations, each ready to run on the real server', async () => {
  const { page } = visit;
  await server.ask('mutation { upsertChatUsers(input: {users: [{id: "clerk", name: "Clara Clerk"}]}) { users { id } } }');
  await visit.signIn('/explorer');
  const names = ['AllChannels', 'CreateChannel', 'SendMessage', 'SetRole', 'DeleteChannels'];
  await expect.poll(() => page.locator('.graphiql-tab-button').allTextContents()).toEqual(names);
  for (const name of names.slice(1)) {
    await page.locator('.graphiql-tab-button').filter({ hasText: name }).click();
    const answered = page.waitForResponse((response) => response.request().postData()?.includes(`mutation ${name}`) === true);
    await page.locator('.graphiql-query-editor .CodeMirror-code').click();
    await page.keyboard.press('Control+Enter');
    const { data, errors } = (await (await answered).json()) as { data: Record<string, unknown> | null; errors?: unknown };
    expect([errors, Object.values(data ?? {})]).toEqual([undefined, [true]]);
    await expect.poll(() => page.locator('.CodeMirror-lint-mark-error').count()).toBe(0);
  }
});

test('sends the headers of the editor, stores none, and shows the schema and its settings', async () => {
  const { page } = visit;
  await visit.signIn('/explorer');
  await page.getByRole('button', { name: 'Headers' }).click();
  await page.locator('.graphiql-editor:not(.hidden) .CodeMirror-code').last().click();
  await page.keyboard.insertText('{"Idempotency-Key": "only-once"}');
  const sent = page.waitForRequest((request) => request.headers()['idempotency-key'] === 'only-once');
  await page.getByRole('button', { name: /^Execute query/ }).click();
  await sent;
  await page.locator('.graphiql-tab-button').filter({ hasText: 'CreateChannel' }).click();
  await page.waitForFunction(() => (JSON.parse(sessionStorage.getItem('graphiql:tabState') ?? '{}') as { activeTabIndex?: number }).activeTabIndex === 1);
  await expect.poll(() => page.evaluate(() => Object.entries(sessionStorage).filter(([, value]) => String(value).includes('only-once')).map(([key, value]) => `${key} ${String(value)}`))).toEqual([]);
  await page.getByLabel('Show Documentation Explorer').click();
  await page.locator('.graphiql-doc-explorer').getByText('Query', { exact: true }).click();
  await page.locator('.graphiql-doc-explorer').getByText('allChannels').waitFor();
  await page.getByLabel('Open short keys dialog').click();
  await page.locator('.graphiql-dialog').waitFor();
});

test('fits light, dark and narrow', async () => {
  await visit.signIn('/explorer');
  await visit.page.getByRole('button', { name: /^Execute query/ }).waitFor();
  await visit.page.locator('.CodeMirror textarea[aria-label]').first().waitFor({ state: 'attached' });
  await visit.expectAccessible();
  await visit.page.emulateMedia({ colorScheme: 'dark' });
  await visit.expectAccessible();
  await visit.page.setViewportSize(NARROW);
  await visit.expectAccessible();
  await visit.expectNoSidewaysScroll();
});

test('links to the explorer of old lead here, with their token', async () => {
  await visit.page.goto(`${server.url}/explorer/#token=${mint({ sub: 'erin', name: 'Erin' })}`);
  await visit.page.getByRole('heading', { name: 'Explorer' }).waitFor();
  expect(visit.page.url()).toBe(`${server.url}/console/explorer`);
  await visit.page.getByRole('button', { name: 'Account of Erin' }).waitFor();
});
