import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { launch, Visit } from '../browser.ts';
import { Issuer } from '../issuer.ts';
import { Server } from '../server.ts';

let browser: Browser;
let issuer: Issuer;
let server: Server;
let visit: Visit;

beforeAll(async () => {
  [browser, issuer] = await Promise.all([launch(), Issuer.start()]);
  server = await Server.start(
    '--jwks', `${issuer.url}/jwks`, '--jwt-issuer', issuer.url, '--jwt-audience', 'backchannel',
    '--console-oidc-issuer', issuer.url, '--console-oidc-client-id', issuer.clientId,
  );
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await issuer?.close();
});
beforeEach(async () => {
  issuer.claims = { roles: ['BO'] };
  visit = await Visit.open(browser, server);
});
afterEach(() => visit.close());

const leave = () => visit.page.getByRole('button', { name: 'Continue with your organisation' }).click();

test('signs in at the issuer and comes back to the place that was asked for', async () => {
  await visit.go('/users?search=ol');
  await visit.page.getByRole('button', { name: 'Continue with your organisation' }).waitFor();
  await visit.expectAccessible();
  await leave();
  await visit.page.getByRole('link', { name: 'Sign in as Olga' }).click();
  await visit.page.getByRole('button', { name: 'Account of Olga OpenID' }).waitFor();
  await expect.poll(() => visit.page.url()).toBe(`${server.url}/console/users?search=ol`);
  expect(issuer.refused).toEqual([]);
  await visit.page.reload();
  await visit.page.getByRole('button', { name: 'Account of Olga OpenID' }).waitFor();
  const kept = await visit.page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.startsWith('oidc')));
  expect(kept).toEqual([]);
});

test('says in words that the issuer refused, and lets one try again', async () => {
  await visit.go('/channels');
  await leave();
  await visit.page.getByRole('link', { name: 'Refuse' }).click();
  await visit.page.getByText('Your organisation’s sign-in did not work.').waitFor();
  await visit.expectAccessible();
  await leave();
  await visit.page.getByRole('link', { name: 'Sign in as Olga' }).click();
  await visit.page.getByRole('button', { name: 'Account of Olga OpenID' }).waitFor();
});

test('a code that was used already, as in a link that is opened twice, signs nobody in', async () => {
  await visit.go('/channels');
  await leave();
  const link = await visit.page.getByRole('link', { name: 'Sign in as Olga' }).getAttribute('href');
  await visit.page.getByRole('link', { name: 'Sign in as Olga' }).click();
  await visit.page.getByRole('button', { name: 'Account of Olga OpenID' }).waitFor();
  const other = await Visit.open(browser, server);
  await other.page.goto(link ?? '');
  await other.page.getByText('Your organisation’s sign-in did not work.').waitFor();
  await other.close();
});

test('an account without the back office’s role is told so', async () => {
  issuer.claims = { roles: ['sales'] };
  await visit.go('/channels');
  await leave();
  await visit.page.getByRole('link', { name: 'Sign in as Olga' }).click();
  await visit.page.getByText(/known as Olga OpenID.*may not use the back office/).waitFor();
  await visit.expectAccessible();
});
