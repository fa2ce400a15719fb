import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { launch, NARROW, Visit } from '../browser.ts';
import { mint, Server } from '../server.ts';

let browser: Browser;
let server: Server;
let visit: Visit;
let page: Page;

const users = async (search = '') => {
  const { chatUsers } = await server.ask<{ chatUsers: { nodes: { id: string; name: string; role: string }[]; pageInfo: { hasNextPage: boolean } } }>('query ($s: String) { chatUsers(search: $s, first: 200) { nodes { id name role } pageInfo { hasNextPage } } }', { s: search });
  return chatUsers.nodes.map(({ id, name, role }) => `${id} ${name} ${role}`).sort();
};
const upsert = (list: object[]) => server.ask('mutation ($u: [ChatUserInput!]!) { upsertChatUsers(input: {users: $u}) { users { id } } }', { u: list });
const paste = async (text: string) => {
  await page.getByLabel('Or paste the list').fill(text);
  await page.getByRole('button', { name: 'Preview' }).click();
};
const counts = async () => (await page.getByRole('radiogroup').innerText()).split('\n').filter((text) => text.trim() !== '');

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});
beforeEach(async () => {
  visit = await Visit.open(browser, server);
  page = visit.page;
  await upsert([{ id: 'anna', name: 'Anna Berg', role: 'MODERATOR' }, { id: 'ben', name: 'Ben', role: 'USER' }, { id: 'cem', name: 'Cem', role: 'USER' }]);
  await visit.signIn('/users/import');
});
afterEach(() => visit.close());

const MIXED = `id,name,role
anna,Anna Berg,moderator
ben,Benjamin,
cem,Cem,admin
dora,"<img src=x onerror=""window.hacked = 1"">",
bad id,Nobody,
emil,,user
emil2,Emil,owner
dora,Dora again,
`;

test('shows what a list will change, with the lines in error and why, and changes nothing before', async () => {
  await visit.expectAccessible();
  await paste(MIXED);
  await page.getByText('All 8').waitFor();
  await expect.poll(() => counts()).toEqual(['All 8', 'New 1', 'Renamed 1', 'Role changed 1', 'Unchanged 1', 'In error 4']);
  await page.getByRole('row').filter({ hasText: 'Benjamin' }).getByText('was Ben').waitFor();
  await page.getByRole('row').filter({ hasText: 'cem' }).getByText('Role changed').waitFor();
  await visit.expectAccessible();
  await page.getByText('In error 4').click();
  const faults = (await page.getByRole('row').allInnerTexts()).slice(1).map((text) => text.replace(/\s+/g, ' '));
  expect(faults).toEqual([
    expect.stringMatching(/^6 .*The id “bad id” has characters other than/),
    expect.stringMatching(/^7 .*The name is missing\./),
    expect.stringMatching(/^8 .*There is no role “owner”/),
    expect.stringMatching(/^9 .*This id is on line 5 already\./),
  ]);
  await expect.poll(() => users()).toEqual(['anna Anna Berg MODERATOR', 'ben Ben USER', 'cem Cem USER']);
  await page.emulateMedia({ colorScheme: 'dark' });
  await visit.expectAccessible();
  await page.setViewportSize(NARROW);
  await visit.expectAccessible();
  await visit.expectNoSidewaysScroll();
  await expect.poll(() => page.evaluate(() => 'hacked' in window)).toBe(false);
});

test('imports what is right, and gives old names and roles back', async () => {
  await paste(MIXED);
  await page.getByText('4 lines in error are left out.').waitFor();
  await page.getByRole('button', { name: 'Import 3 users' }).click();
  await page.getByText('3 users imported.').waitFor();
  await visit.expectAccessible();
  await expect.poll(() => users()).toEqual(['anna Anna Berg MODERATOR', 'ben Benjamin USER', 'cem Cem ADMIN', 'dora <img src=x onerror="window.hacked = 1"> USER']);
  await page.getByText('2 users were there before. New users stay.').waitFor();
  await page.getByRole('button', { name: 'Give back the old names and roles' }).click();
  await page.getByText('The old names and roles are back.').waitFor();
  expect((await users()).slice(0, 3)).toEqual(['anna Anna Berg MODERATOR', 'ben Ben USER', 'cem Cem USER']);
  await page.getByRole('link', { name: 'To the users', exact: true }).click();
  await page.getByRole('rowheader', { name: 'Anna Berg' }).waitFor();
});

test('asks whether a guessed encoding is right, and reads the file in another', async () => {
  await page.locator('input[type=file]').setInputFiles({ name: 'users.csv', mimeType: 'text/csv', buffer: Buffer.from('id;name\r\nrene;Ren\xe9\r\n', 'latin1') });
  const header = page.getByRole('rowheader', { name: /^Ren/ });
  await expect.poll(() => header.innerText()).toBe('René\nrene');
  await page.getByText('It was read as Western European (Windows-1252); line 2 is then “René”.').waitFor();
  await visit.expectAccessible();
  await page.getByRole('combobox', { name: 'Encoding' }).click();
  await page.getByRole('option', { name: 'Cyrillic (Windows-1251)' }).click();
  await expect.poll(() => header.innerText()).toBe('Renй\nrene');
  await page.getByText('Read as Cyrillic (Windows-1251).').waitFor();
  await visit.expectAccessible();
  await page.setViewportSize(NARROW);
  await visit.expectNoSidewaysScroll();
  await page.getByRole('combobox', { name: 'Encoding' }).click();
  await page.getByRole('option', { name: 'Western European (Windows-1252)' }).click();
  await page.getByRole('button', { name: 'Import 1 user' }).click();
  await page.getByText('1 user imported.').waitFor();
  await expect.poll(() => users('rene')).toEqual(['rene René USER']);
});

test('asks nothing of a file that leaves no doubt', async () => {
  const file = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('ID\tName\r\nzoe\tZoë\r\n', 'utf16le')]);
  await page.locator('input[type=file]').setInputFiles({ name: 'users.txt', mimeType: 'text/plain', buffer: file });
  await page.getByRole('rowheader', { name: 'Zoë' }).waitFor();
  await expect.poll(() => page.getByRole('combobox', { name: 'Encoding' }).count()).toBe(0);
});

test.each([
  ['', /^$/],
  ['id,name\n', /There is no user in this list/],
  ['id,email\na,b', /has no column “name”. It has “id, email”/],
  ['email,name\na,b', /Line 1: the header has no column “id”/],
])('says why %j is no list', async (text, words) => {
  await page.getByLabel('Or paste the list').fill(text);
  if (text === '') return await expect.poll(() => page.getByRole('button', { name: 'Preview' }).isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByRole('alert').filter({ hasText: words }).waitFor();
  visit.forgive(/the server responded with a status of 400/);
  await visit.expectAccessible();
});

test('says that a list changes nothing', async () => {
  await paste('anna,Anna Berg,moderator\nben,Ben');
  await page.getByText('There is nothing to change.').waitFor();
  await page.getByText('No header: line 1 was read as a user').waitFor();
  await expect.poll(() => page.getByRole('button', { name: /^Import/ }).count()).toBe(0);
});

test('stops where the server goes away, says how far it came, and goes on without doing it twice', async () => {
  const sent: { key: string | undefined; first: string }[] = [];
  let answers = 0;
  await page.route('**/graphql', async (route) => {
    const body = route.request().postDataJSON() as { operationName: string; variables: { input: { users: { id: string }[] } } };
    if (body.operationName !== 'ImportUsers') return route.continue();
    sent.push({ key: route.request().headers()['idempotency-key'], first: body.variables.input.users[0]?.id ?? '' });
    if (++answers !== 2) return route.continue();
    await route.fetch(); // The server does it, and the answer is lost.
    await route.abort('connectionreset');
  });
  await paste(`id,name\n${Array.from({ length: 1_200 }, (_, n) => `many${String(n).padStart(4, '0')},Many ${n}`).join('\n')}`);
  await page.getByRole('button', { name: 'Import 1,200 users' }).click();
  await page.getByText('It stopped after 500 of 1,200. The rest, from line 502 on').waitFor();
  await visit.expectAccessible();
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('1,200 users imported.').waitFor();
  expect(sent.map(({ first }) => first)).toEqual(['many0000', 'many0500', 'many0500', 'many1000']);
  expect(sent[1]?.key).toBe(sent[2]?.key);
  expect(new Set(sent.map(({ key }) => key)).size).toBe(3);
  await expect.poll(() => users('many1199')).toEqual(['many1199 Many 1199 USER']);
  visit.forgive(/ERR_CONNECTION_RESET/);
});

test('keeps the plan over a sign-in in the middle, and goes on where it stopped', async () => {
  const sent: (string | undefined)[] = [];
  let refusing = false;
  await page.route('**/graphql', async (route) => {
    const { operationName } = route.request().postDataJSON() as { operationName?: string };
    if (operationName === 'ImportUsers') sent.push(route.request().headers()['idempotency-key']);
    if (operationName === 'ImportUsers' && sent.length === 2) refusing = true;
    // The real refusal of a token, which is spoilt on the way.
    if (refusing) return route.continue({ headers: { ...route.request().headers(), authorization: 'Bearer spoilt' } });
    return route.continue();
  });
  await paste(`id,name\nanna,Anna B.\n${Array.from({ length: 1_199 }, (_, n) => `kept${String(n).padStart(4, '0')},Kept ${n}`).join('\n')}`);
  await page.getByRole('button', { name: 'Import 1,200 users' }).click();
  await page.getByText('no longer accepts your sign-in').waitFor();
  refusing = false;
  await page.getByLabel('Access token').fill(mint());
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('500 of 1,200 imported').waitFor();
  await page.getByText('Stopped. What was imported stays').waitFor();
  await visit.expectAccessible();
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('1,200 users imported.').waitFor();
  expect(sent.length).toBe(4);
  expect(sent[1]).toBe(sent[2]);
  await expect.poll(() => users('kept1198')).toEqual(['kept1198 Kept 1198 USER']);
  await page.getByRole('button', { name: 'Give back the old names and roles' }).click();
  await page.getByText('The old names and roles are back.').waitFor();
  await expect.poll(() => users('anna')).toEqual(['anna Anna Berg MODERATOR']);

  // Whoever signs in after a sign-out sees nothing of it.
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByLabel('Access token').fill(mint({ sub: 'other', name: 'Otto Other' }));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Or paste the list').waitFor();
});

test.each([
  ['a workbook', Buffer.from('PK\x03\x04\x14\0\x06\0', 'latin1'), /This is a workbook/],
  ['a picture', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\r', 'latin1'), /This is not a text/],
  ['another separator', Buffer.from('id|name\na|Anna'), /can’t be told apart/],
])('says of %s what to do instead', async (_what, buffer, words) => {
  await page.locator('input[type=file]').setInputFiles({ name: 'users.csv', mimeType: 'text/csv', buffer });
  await page.getByRole('alert').filter({ hasText: words }).waitFor();
  visit.forgive(/the server responded with a status of 400/);
});

test('leaves out a user whom the server refuses, and names it', async () => {
  await page.route('**/graphql', async (route) => {
    const body = route.request().postDataJSON() as { operationName: string; variables: { input: { users: { id: string; name: string }[] } } };
    const place = body.operationName === 'ImportUsers' ? body.variables.input.users.findIndex(({ id }) => id === 'fay') : -1;
    if (place < 0) return route.continue();
    // As the server's rules would be if they were stricter than ours: the real refusal of a real request.
    const { users } = body.variables.input;
    const spoilt = users.map((user, n) => (n === place ? { ...user, name: '' } : user));
    await route.continue({ postData: JSON.stringify({ ...body, variables: { input: { users: spoilt } } }) });
  });
  await paste('id,name\nfinn,Finn\nfay,Fay\ngreg,Greg');
  await page.getByRole('button', { name: 'Import 3 users' }).click();
  await page.getByText('The server refused 1 user; the others are imported.').waitFor();
  await page.getByRole('row').filter({ hasText: 'fay' }).getByText('The name must not be empty.').waitFor();
  await expect.poll(() => users('finn')).toEqual(['finn Finn USER']);
  await expect.poll(() => users('greg')).toEqual(['greg Greg USER']);
  await expect.poll(() => users('fay')).toEqual([]);
});

test('previews 20,000 lines with few rows', async () => {
  const list = `id,name\n${Array.from({ length: 20_000 }, (_, n) => `big${n},Big ${n}`).join('\n')}`;
  await page.locator('input[type=file]').setInputFiles({ name: 'users.csv', mimeType: 'text/csv', buffer: Buffer.from(list) });
  await page.getByText('New 20,000').waitFor({ timeout: 20_000 });
  await expect.poll(() => page.getByRole('row').count()).toBeLessThan(60);
});
