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
