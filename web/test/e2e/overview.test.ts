import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { launch, NARROW, Visit } from '../browser.ts';
import { mint, Server } from '../server.ts';

let browser: Browser;
let server: Server;
let visit: Visit;
let page: Page;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  await server.ask('mutation { createOrUpdateChannel(input: {id: "hall", name: "Hall"}) }');
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

const figure = (label: string) => page.getByRole('region', { name: label }).locator('[data-figure]');

test('shows the chat in figures, which follow what happens by themselves', async () => {
  await visit.signIn('/overview');
  await expect.poll(() => figure('Channels').innerText()).toBe('1');
  const before = Number(await figure('Messages today').innerText());
  await server.ask('mutation { a: sendMessageToChannel(input: {channelId: "hall", text: "one"}) b: sendMessageToChannel(input: {channelId: "hall", text: "two"}) }');
  await expect.poll(() => figure('Messages today').innerText(), { timeout: 15_000 }).toBe(String(before + 2));
  await page.getByRole('cell', { name: '2', exact: true }).first().waitFor({ state: 'attached' });
  await visit.expectAccessible();
});

test('counts errors by code', async () => {
  await expect(server.ask('{ channels(first: 0) { nodes { id } } }')).rejects.toThrow('INVALID_ARGUMENTS');
  await visit.signIn('/overview?server');
  await page.getByRole('rowheader', { name: 'INVALID_ARGUMENTS' }).waitFor({ timeout: 15_000 });
  await visit.expectAccessible();
});

test('fits light, dark, narrow and 4K, and leads on', async () => {
  await visit.signIn('/overview');
  await figure('Users').waitFor();
  await page.emulateMedia({ colorScheme: 'dark' });
  await visit.expectAccessible();
  await page.setViewportSize(NARROW);
  await visit.expectAccessible();
  await visit.expectNoSidewaysScroll();
  await page.setViewportSize({ width: 3840, height: 2160 });
  await visit.expectNoSidewaysScroll();
  await page.getByRole('main').getByRole('link', { name: 'Users' }).click();
  await page.getByRole('heading', { name: 'Users', level: 1 }).waitFor();
});

test('waits with grey cards on a slow network, then says in words what failed, with the request’s id', async () => {
  let answer = () => {};
  const waiting = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/graphql', async (route) => {
    await waiting;
    const requestId = route.request().headers()['x-request-id'];
    await route.fulfill({ json: { data: null, errors: [{ message: 'x', extensions: { code: 'INTERNAL', requestId } }] } });
  });
  await visit.go(`/overview#token=${mint()}`);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.locator('[data-loading]').waitFor();
  await visit.expectAccessible();
  answer();
  await page.getByText('Something went wrong on the server.').waitFor();
  await page.getByText(/Request id [0-9a-f]{16}/).waitFor();
  await visit.expectAccessible();
  await page.unroute('**/graphql');
  await page.getByRole('button', { name: 'Try again' }).click();
  await figure('Channels').waitFor();
});

test('a page that fails says so and can be loaded again; the others work on', async () => {
  const broken = 'export default function Overview() { throw new Error("broken on purpose"); }';
  await page.route('**/Overview.js', (route) => route.fulfill({ contentType: 'text/javascript', body: broken }));
  await visit.signIn('/channels');
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByRole('heading', { name: 'This page has failed' }).waitFor();
  await visit.expectAccessible();
  await page.getByRole('link', { name: 'Users', exact: true }).click();
  await page.getByRole('heading', { name: 'Users', level: 1 }).waitFor();
  await page.unroute('**/Overview.js');
  await page.goBack();
  await page.getByRole('button', { name: 'Load again' }).click();
  await figure('Channels').waitFor();
  visit.forgive(/broken on purpose/);
});
