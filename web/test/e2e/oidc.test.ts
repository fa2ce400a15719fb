import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { launch, Visit } from '../browser.ts';
import { API, Issuer } from '../issuer.ts';
import { Server } from '../server.ts';

let browser: Browser;
let issuer: Issuer;
let server: Server;
let visit: Visit;

/** A server whose console signs in at the issuer. */
const serverWith = (...flags: string[]) =>
  Server.start('--jwks', `${issuer.url}/jwks`, '--jwt-issuer', issuer.url, '--console-oidc-issuer', issuer.url, '--console-oidc-client-id', issuer.clientId, ...flags);

beforeAll(async () => {
  [browser, issuer] = await Promise.all([launch(), Issuer.start()]);
  server = await serverWith('--jwt-audience', API, '--console-oidc-resource', API);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await issuer?.close();
});
beforeEach(async () => {
  Object.assign(issuer, { roles: { olga: ['BO'], omar: ['BO'] }, lifetime: 600, refreshes: true, endsSessions: true, away: false, turnedAway: 0, key: 'one', granted: {}, console: server.url });
  visit = await Visit.open(browser, server);
});
afterEach(() => visit.close());

const leave = () => visit.page.getByRole('button', { name: 'Continue with your organisation' }).click();
const choose = (who: string) => visit.page.getByRole('link', { name: `Sign in as ${who}` }).click();
const signedInAs = (who: string) => visit.page.getByRole('button', { name: `Account of ${who} OpenID` }).waitFor();
const signIn = async (place: string, who = 'Olga') => {
  await visit.go(place);
  await leave();
  await choose(who);
  await signedInAs(who);
};
const token = () => visit.page.evaluate(() => sessionStorage.getItem('backchannel:token'));
const claimsOf = (token: string | null) => JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString()) as { iat: number; exp: number };
const renewals = () => issuer.granted['refresh_token'] ?? 0;

test('signs in at an issuer whose token endpoint is on another host, and comes back to the place that was asked for', async () => {
  await visit.go('/users?search=ol');
  await visit.page.getByRole('button', { name: 'Continue with your organisation' }).waitFor();
  await visit.expectAccessible();
  await leave();
  await choose('Olga');
  await signedInAs('Olga');
  await expect.poll(() => visit.page.url()).toBe(`${server.url}/console/users?search=ol`);
  await visit.page.reload();
  await signedInAs('Olga');
});

test('says in words that the issuer refused, and lets one try again', async () => {
  await visit.go('/channels');
  await leave();
  await visit.page.getByRole('link', { name: 'Refuse' }).click();
  await visit.page.getByText('Your organisation’s sign-in refused: access_denied.').waitFor();
  await visit.expectAccessible();
  await leave();
  await choose('Olga');
  await signedInAs('Olga');
});

test('a code that was used already, as in a link that is opened twice, signs nobody in', async () => {
  const links: string[] = [];
  visit.page.on('request', (request) => void (request.url().includes('/console/signed-in') && links.push(request.url())));
  await signIn('/channels');
  const other = await Visit.open(browser, server);
  await other.page.goto(links[0] ?? '');
  await other.page.getByText('Your organisation’s sign-in did not work.').waitFor();
  await other.close();
});

test('an account without the back office’s role is told so, and another one can be used', async () => {
  issuer.roles['olga'] = ['sales'];
  await visit.go('/channels');
  await leave();
  await choose('Olga');
  await visit.page.getByText(/known as Olga OpenID.*may not use the back office/).waitFor();
  await visit.expectAccessible();
  await visit.page.getByRole('button', { name: 'Use another account' }).click();
  await choose('Omar');
  await signedInAs('Omar');
});

test('tokens are renewed under an import and a live connection, whose first token is over then', async () => {
  issuer.lifetime = 12;
  let sockets = 0;
  visit.page.on('websocket', () => sockets++);
  await signIn('/users/import');
  await visit.page.getByLabel('Or paste the list').fill('id,name\nnina,Nina\n');
  await visit.page.getByRole('button', { name: 'Preview' }).click();
  await visit.page.getByText('All 1').waitFor();
  const first = await token();
  const { exp } = claimsOf(first);
  const before = sockets;
  await expect.poll(() => Date.now() / 1000 > exp, { timeout: 30_000 }).toBe(true);
  await visit.page.getByRole('button', { name: /^Import 1 user/ }).click();
  await visit.page.getByText(/1 user imported|1 imported/i).waitFor();
  expect(await token()).not.toBe(first);
  expect(sockets).toBe(before);
});

test('renewals go on after the issuer changed its key, was away, and after the page was away for longer than a token', async () => {
  await visit.page.clock.install();
  await signIn('/channels');
  issuer.key = 'two';
  await visit.page.clock.fastForward('09:30');
  await expect.poll(renewals).toBe(1);
  await visit.page.getByRole('link', { name: 'Users', exact: true }).click();
  await visit.page.getByRole('heading', { name: 'Users', exact: true }).waitFor();
  await signedInAs('Olga');

  issuer.away = true;
  await visit.page.clock.fastForward('09:30');
  await expect.poll(() => issuer.turnedAway).toBeGreaterThan(0);
  issuer.away = false;
  await visit.page.clock.fastForward('00:05');
  await expect.poll(renewals).toBe(2);

  await visit.page.goto('about:blank');
  await visit.page.clock.fastForward('30:00');
  await visit.go('/channels');
  await signedInAs('Olga');
  expect(renewals()).toBe(3);
  visit.forgive(/503|CORS|ERR_FAILED/); // of the issuer that was away
});

test('an issuer that gives no renewals ends the session with the token, in words', async () => {
  issuer.refreshes = false;
  await visit.page.clock.install();
  await signIn('/channels');
  await visit.page.clock.fastForward('10:30');
  await visit.page.getByText('Your sign-in has expired.').waitFor();
  expect(await visit.page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.includes('issuer:user')))).toEqual([]);
});

test('a duplicated tab and the first one renew the same session', async () => {
  await visit.page.clock.install();
  await signIn('/channels');
  const kept = await visit.page.evaluate(() => JSON.stringify(sessionStorage));
  const twin = await visit.context.newPage();
  await twin.addInitScript((kept) => {
    if (sessionStorage.length === 0) Object.assign(sessionStorage, JSON.parse(kept));
  }, kept);
  await twin.goto(`${server.url}/console/users`);
  await twin.getByRole('button', { name: 'Account of Olga OpenID' }).waitFor();
  const tokenOf = (page: Page) => page.evaluate(() => sessionStorage.getItem('backchannel:token'));
  for (let round = 1; round <= 2; round++) {
    const before = await tokenOf(twin);
    await visit.context.clock.fastForward('09:30'); // in both
    await expect.poll(async () => (await tokenOf(twin)) === (await tokenOf(visit.page)) && (await tokenOf(twin)) !== before).toBe(true);
    expect(renewals()).toBe(round); // One tab took what the other one had got.
  }
  await twin.getByRole('link', { name: 'Channels' }).click();
  await twin.getByRole('heading', { name: 'Channels', exact: true }).waitFor();
  await signedInAs('Olga');
});

test('signing out ends the issuer’s session, and the refresh token', async () => {
  await signIn('/channels');
  const kept = await visit.page.evaluate(() => Object.entries(sessionStorage).find(([key]) => key.includes('issuer:user'))?.[1] as string);
  await visit.page.getByRole('button', { name: 'Account of Olga OpenID' }).click();
  await visit.page.getByRole('menuitem', { name: 'Sign out' }).click();
  await visit.page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await visit.page.waitForURL(`${server.url}/console/**`);
  expect(await visit.page.evaluate(() => Object.keys(sessionStorage).filter((key) => /token|issuer/.test(key)))).toEqual([]);
  const { token_endpoint } = (await (await fetch(`${issuer.url}/.well-known/openid-configuration`)).json()) as { token_endpoint: string };
  const { refresh_token } = JSON.parse(kept) as { refresh_token: string };
  const answer = await fetch(token_endpoint, { method: 'POST', body: new URLSearchParams({ grant_type: 'refresh_token', client_id: issuer.clientId, refresh_token }) });
  expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ error: 'invalid_grant' })]);
  await leave();
  await choose('Omar'); // It asks again.
  await signedInAs('Omar');
});

test('where the issuer has no page for signing out, one is told what that leaves open', async () => {
  issuer.endsSessions = false;
  await signIn('/channels');
  await visit.page.getByRole('button', { name: 'Account of Olga OpenID' }).click();
  await visit.page.getByRole('menuitem', { name: 'Sign out' }).click();
  await visit.page.getByText('You are signed out here, but your organisation’s sign-in could not be ended.').waitFor();
  expect(await visit.page.evaluate(() => Object.keys(sessionStorage).filter((key) => /token|issuer:user/.test(key)))).toEqual([]);
});

test.each([
  ['with an audience', ['--jwt-audience', API, '--console-oidc-audience', API]],
  ['with ID tokens', ['--jwt-audience', 'console', '--console-oidc-token', 'id']],
])('%s one signs in, and tokens are renewed', async (_, flags) => {
  const other = await serverWith(...flags);
  const first = visit;
  visit = await Visit.open(browser, other);
  issuer.console = other.url;
  await visit.page.clock.install();
  await signIn('/channels');
  const before = await token();
  const { iat } = claimsOf(before);
  await expect.poll(() => Date.now() / 1000 > iat + 1).toBe(true); // ID tokens of one second are the same.
  await visit.page.clock.fastForward('09:30');
  await expect.poll(token).not.toBe(before);
  await visit.close();
  visit = first;
  await other.close();
});

test('access tokens that are no JWTs are refused with words that say what to set', async () => {
  const other = await serverWith();
  const first = visit;
  visit = await Visit.open(browser, other);
  issuer.console = other.url;
  await visit.go('/channels');
  await leave();
  await choose('Olga');
  await visit.page.getByText(/gave an access token that the server cannot read.*audience or resource/).waitFor();
  await visit.expectAccessible();
  await visit.close();
  visit = first;
  await other.close();
});
