import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { launch, NARROW, Visit } from '../browser.ts';
import { mint, Server } from '../server.ts';

let browser: Browser;
let server: Server;
let visit: Visit;
let page: Page;

const HOSTILE = ['<img src=x onerror="window.hacked = 1">', '😀'.repeat(255), 'مستخدم من اليمين إلى اليسار', 'W'.repeat(255)];
const roles = async (...ids: string[]) => {
  const { chatUsers } = await server.ask<{ chatUsers: { nodes: { id: string; role: string }[] } }>('query ($i: [String!]) { chatUsers(ids: $i, first: 200) { nodes { id role } } }', { i: ids });
  return Object.fromEntries(chatUsers.nodes.map(({ id, role }) => [id, role]));
};
const upsert = (users: object[]) => server.ask('mutation ($u: [ChatUserInput!]!) { upsertChatUsers(input: {users: $u}) { users { id } } }', { u: users });
const row = (name: string) => page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
const toast = (text: string | RegExp) => page.getByRole('alert').filter({ hasText: text });
const act = async (name: string, action: string) => {
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: action }).click();
};

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
});
afterEach(() => visit.close());

test('without users it offers the import', async () => {
  await visit.signIn('/users');
  await page.getByRole('heading', { name: 'No users yet' }).waitFor();
  await visit.expectAccessible();
  await page.getByRole('link', { name: 'Import users' }).click();
  await page.getByRole('heading', { name: 'Import users' }).waitFor();
});

describe('with users', () => {
  beforeAll(async () => {
    await upsert([
      { id: 'anna', name: 'Anna Berg', role: 'MODERATOR' },
      { id: 'ben', name: 'Ben Okafor' },
      { id: 'cem', name: 'Cem Demir', role: 'ADMIN' },
      ...HOSTILE.map((name, n) => ({ id: `hostile-${n}`, name })),
    ]);
    for (let from = 0; from < 3_000; from += 1_000) {
      await upsert(Array.from({ length: 1_000 }, (_, n) => ({ id: `u${from + n}`, name: `User ${String(from + n).padStart(4, '0')}` })));
    }
  });

  test('finds as one types, keeps the search in the address, and says that nothing matches', async () => {
    await visit.signIn('/users');
    await page.keyboard.press('/');
    await page.keyboard.type('okaf');
    await row('Ben Okafor').waitFor();
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
    await expect.poll(() => page.url()).toBe(`${server.url}/console/users?search=okaf`);
    await page.keyboard.type('zzz');
    await page.getByRole('heading', { name: 'No user matches “okafzzz”' }).waitFor();
    await visit.expectAccessible();
    await page.getByRole('button', { name: 'Clear the search' }).last().click();
    await row('Anna Berg').waitFor();
  });

  test('lists thousands with few rows, loading on as one scrolls', { timeout: 60_000 }, async () => {
    await visit.signIn('/users?search=User');
    await row('User 0000').waitFor();
    await expect.poll(() => page.getByRole('row').count()).toBeLessThan(60);
    await expect.poll(async () => {
      await page.getByRole('table').evaluate((table) => table.parentElement?.scrollBy(0, 1e6));
      return row('User 2999').count();
    }, { timeout: 45_000 }).toBe(1);
    await page.getByRole('status').filter({ hasText: /3,000 users/ }).waitFor();
    await expect.poll(() => page.getByRole('row').count()).toBeLessThan(60);
  });

  test('changes the role of many, shows the old ones, and gives them back', async () => {
    await visit.signIn('/users');
    for (const name of ['Anna Berg', 'Ben Okafor', 'Cem Demir']) await page.getByRole('checkbox', { name: `Select ${name}` }).check();
    await page.getByText('3 users selected').waitFor();
    await page.getByRole('button', { name: 'Change role…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change the role of 3 users' });
    await dialog.getByRole('radio', { name: 'Moderator' }).check();
    await visit.expectAccessible();
    await expect.poll(() => dialog.getByRole('listitem').filter({ hasText: 'Cem Demir' }).innerText()).toMatch(/Admin\s+Moderator/);
    await expect.poll(() => dialog.getByRole('listitem').filter({ hasText: 'Anna Berg' }).innerText()).toContain('no change');
    await dialog.getByRole('button', { name: 'Change role' }).click();
    await toast('Role of 2 users changed.').waitFor();
    await expect.poll(() => roles('anna', 'ben', 'cem')).toEqual({ anna: 'MODERATOR', ben: 'MODERATOR', cem: 'MODERATOR' });
    await row('Ben Okafor').getByText('Moderator').waitFor();
    await toast('Role of 2 users changed.').getByRole('button', { name: 'Undo' }).click();
    await toast('Undone.').waitFor();
    await expect.poll(() => roles('anna', 'ben', 'cem')).toEqual({ anna: 'MODERATOR', ben: 'USER', cem: 'ADMIN' });
    await row('Cem Demir').getByText('Admin').waitFor();
  });

  test('a role has its effect on the user’s next action', async () => {
    await server.ask('mutation { createOrUpdateChannel(input: {id: "hall", name: "Hall"}) }');
    const ben = mint({ sub: 'ben', name: 'Ben Okafor', roles: [] });
    const freeze = () => server.ask('mutation { freezeChannel(input: {cid: "livestream:hall", frozen: false}) { channel { id } } }', {}, ben);
    await expect(freeze()).rejects.toThrow('UNAUTHORIZED');
    await visit.signIn('/users?search=ben');
    await act('Ben Okafor', 'Change role…');
    await page.getByRole('radio', { name: 'Moderator' }).check();
    await page.getByRole('dialog').getByRole('button', { name: 'Change role' }).click();
    await toast('Role of 1 user changed.').waitFor();
    await freeze();
    await toast('Role of 1 user changed.').getByRole('button', { name: 'Undo' }).click();
    await toast('Undone.').waitFor();
    await expect(freeze()).rejects.toThrow('UNAUTHORIZED');
  });

  test('chooses ranges with shift, and thousands at once', async () => {
    await visit.signIn('/users?search=User');
    await page.getByRole('checkbox', { name: 'Select User 0001' }).check();
    await page.getByRole('checkbox', { name: 'Select User 0005' }).click({ modifiers: ['Shift'] });
    await page.getByText('5 users selected').waitFor();
    await page.getByLabel('Search names and ids').fill('User 02');
    await row('User 0299').or(page.getByRole('status').filter({ hasText: '100 users' })).first().waitFor();
    await page.getByRole('button', { name: 'Clear the selection' }).click();
    await page.getByLabel('Search names and ids').fill('User 0');
    await page.getByText('1,000 users', { exact: true }).waitFor();
    await page.getByRole('checkbox', { name: 'Select User 0001' }).check();
    await page.getByRole('button', { name: 'Select all that match' }).click();
    await page.getByText('1,000 users selected').waitFor();
    await page.getByRole('button', { name: 'Change role…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change the role of 1,000 users' });
    await dialog.getByRole('radio', { name: 'Moderator' }).check();
    await dialog.getByText('and 980 more').waitFor();
    await visit.expectAccessible();
    await dialog.getByRole('button', { name: 'Change role' }).click();
    await toast('Role of 1,000 users changed.').waitFor();
    await expect.poll(() => roles('u0', 'u500', 'u999', 'u1000')).toEqual({ u0: 'MODERATOR', u500: 'MODERATOR', u999: 'MODERATOR', u1000: 'USER' });
    await toast('Role of 1,000 users changed.').getByRole('button', { name: 'Undo' }).click();
    await toast('Undone.').waitFor();
    await expect.poll(() => roles('u0', 'u500', 'u999')).toEqual({ u0: 'USER', u500: 'USER', u999: 'USER' });
  });

  test('bans and mutes many at once, lifts that, and undoes it', async () => {
    await visit.signIn('/users?search=User 299');
    const inForce = async (kind: string) => {
      const { chatUsers } = await server.ask<{ chatUsers: { nodes: Record<string, unknown>[] } }>(`{ chatUsers(search: "User 299", first: 20) { nodes { ${kind} { until } } } }`);
      return chatUsers.nodes.filter((user) => user[kind] !== null).length;
    };
    const restrict = async (item: string, submit: string) => {
      for (const n of [0, 1, 2]) await page.getByRole('checkbox', { name: `Select User 299${n}` }).check();
      await page.getByRole('button', { name: 'Restrict' }).click();
      await page.getByRole('menuitem', { name: item }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('It can be undone').waitFor();
      await dialog.getByRole('button', { name: submit, exact: true }).click();
    };
    await restrict('Mute…', 'Mute');
    await toast('3 users are muted.').waitFor();
    expect(await inForce('mute')).toBe(3);
    await restrict('Ban…', 'Ban');
    await toast('3 users are banned.').waitFor();
    await row('User 2990').getByText(/^Banned until/).first().waitFor();
    await restrict('Lift bans…', 'Lift the ban');
    await toast('The bans of 3 users are lifted.').getByRole('button', { name: 'Undo' }).click();
    await toast('Undone.').waitFor();
    expect(await inForce('ban')).toBe(3);
  });

  test('works with the keyboard alone: rows, menu, dialog, and the focus comes back', async () => {
    await visit.signIn('/users?search=User');
    await page.getByRole('checkbox', { name: 'Select User 0000' }).focus();
    for (let n = 0; n < 40; n++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await expect.poll(() => page.getByRole('checkbox', { name: 'Select User 0040' }).isChecked()).toBe(true);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Mute…' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Mute…');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Mute User 0040' }).waitFor();
    await visit.expectAccessible();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toMatch(/^Actions for User 0040 /);
  });

  test('bans until a time, and lifts it', async () => {
    const ben = mint({ sub: 'ben', name: 'Ben Okafor', roles: [] });
    const read = () => server.ask('{ channel(cid: "livestream:hall") { id } }', {}, ben);
    await read();
    await visit.signIn('/users?search=ben');
    await act('Ben Okafor', 'Ban…');
    const dialog = page.getByRole('dialog', { name: 'Ban Ben Okafor' });
    await dialog.getByLabel('How long').click();
    await page.getByRole('option', { name: 'Until a time of your choice' }).click();
    await dialog.getByLabel('Ends at').fill('2020-01-01T10:00');
    await dialog.getByRole('button', { name: 'Ban', exact: true }).click();
    await dialog.getByText('Choose a time to come.').waitFor();
    await visit.expectAccessible();
    await dialog.getByLabel('Ends at').fill('2099-01-01T10:00');
    await dialog.getByRole('button', { name: 'Ban', exact: true }).click();
    await toast(/Ben Okafor \(ben\) is banned until 1 Jan 2099/).waitFor();
    await row('Ben Okafor').getByText(/^Banned until 1 Jan 2099, \d/).waitFor();
    await expect(read()).rejects.toThrow('UNAUTHORIZED');
    await toast(/is banned until/).getByRole('button', { name: 'Undo' }).click();
    await toast('Undone.').waitFor();
    await read();
  });

  test('mutes, and lifts it from the menu', async () => {
    const ben = mint({ sub: 'ben', name: 'Ben Okafor', roles: [] });
    const write = () => server.ask('mutation { sendMessage(input: {cid: "livestream:hall", text: "hi"}) { message { id } } }', {}, ben);
    await visit.signIn('/users?search=ben');
    await act('Ben Okafor', 'Mute…');
    await page.getByRole('dialog').getByRole('button', { name: 'Mute', exact: true }).click();
    await toast(/is muted until/).waitFor();
    await expect(write()).rejects.toThrow('UNAUTHORIZED');
    await act('Ben Okafor', 'Lift the mute');
    await toast('Ben Okafor (ben) is not muted any more.').waitFor();
    await write();
  });

  test('shows who is banned and muted until when, and offers to lift what is in force alone', async () => {
    for (const mutation of [
      'banUser(input: {userId: "ben", until: "2099-01-01T10:00:00Z"})',
      'muteUser(input: {userId: "ben"})',
      'banUser(input: {userId: "anna", cid: "livestream:hall"})',
      'banUser(input: {userId: "hostile-0"})',
    ]) {
      await server.ask(`mutation { ${mutation} { userId } }`);
    }
    const offered = async (name: string) => {
      await page.getByRole('button', { name: `Actions for ${name}` }).click();
      await page.getByRole('menuitem', { name: 'Ban…' }).waitFor();
      const items = await page.getByRole('menuitem').allInnerTexts();
      await page.keyboard.press('Escape');
      await page.getByRole('menu').waitFor({ state: 'detached' });
      return items.filter((item) => item.startsWith('Lift'));
    };
    await visit.signIn('/users');
    await row('Ben Okafor').getByText(/^Banned until 1 Jan 2099, \d/).waitFor();
    await row('Ben Okafor').getByText('Muted', { exact: true }).first().waitFor();
    await row(HOSTILE[0] ?? '').getByText('Banned', { exact: true }).first().waitFor();
    await expect.poll(() => row('Anna Berg').getByText('Banned').count()).toBe(0);
    await expect.poll(() => offered('Ben Okafor')).toEqual(['Lift the mute', 'Lift the ban']);
    await expect.poll(() => offered('Anna Berg')).toEqual([]);
    await expect.poll(() => offered(HOSTILE[0] ?? '')).toEqual(['Lift the ban']);
    await visit.expectAccessible();
    await page.emulateMedia({ colorScheme: 'dark' });
    await visit.expectAccessible();
    await page.setViewportSize(NARROW);
    await row('Ben Okafor').getByText('Banned until 1 Jan 2099', { exact: true }).waitFor();
    await visit.expectAccessible();
    await visit.expectNoSidewaysScroll();
    await act('Ben Okafor', 'Lift the ban');
    await row('Ben Okafor').getByText('Banned').first().waitFor({ state: 'detached' });
    await act('Ben Okafor', 'Lift the mute');
    await row('Ben Okafor').getByText('Muted').first().waitFor({ state: 'detached' });
    await act(HOSTILE[0] ?? '', 'Lift the ban');
    await toast(/is not banned any more/).last().waitFor();
  });

  test('makes a token that speaks for the user, and shows it once', async () => {
    await visit.signIn('/users?search=anna');
    await act('Anna Berg', 'Create a token…');
    await page.getByRole('dialog').getByRole('button', { name: 'Create the token' }).click();
    const token = await page.getByLabel('Token', { exact: true }).inputValue();
    await visit.expectAccessible();
    await server.ask('{ myChannels { nodes { id } } }', {}, token);
    await expect(server.ask('{ chatUsers { nodes { id } } }', {}, token)).rejects.toThrow('UNAUTHORIZED');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await act('Anna Berg', 'Create a token…');
    await page.getByRole('button', { name: 'Create the token' }).waitFor();
    await expect.poll(() => page.content()).not.toContain(token.slice(-20));
  });

  test('lays out hostile names in light, dark and narrow, and runs none of them', async () => {
    await visit.signIn('/users?search=hostile');
    await page.getByText(HOSTILE[0] ?? '', { exact: true }).waitFor();
    await visit.expectAccessible();
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.getByRole('checkbox', { name: 'Select all that are listed' }).check();
    await visit.expectAccessible();
    await page.setViewportSize(NARROW);
    await visit.expectAccessible();
    await visit.expectNoSidewaysScroll();
    await page.getByRole('button', { name: 'Change role…' }).click();
    await page.getByRole('dialog').waitFor();
    await visit.expectNoSidewaysScroll();
    await expect.poll(() => page.getByRole('dialog').evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth)).toBe(0);
    await page.keyboard.press('Escape');
    await act(HOSTILE[3] ?? '', 'Ban…');
    await visit.expectNoSidewaysScroll();
    await expect.poll(() => page.evaluate(() => 'hacked' in window)).toBe(false);
  });

  test('speaks Arabic', async () => {
    await visit.close();
    visit = await Visit.open(browser, server, { locale: 'ar' });
    page = visit.page;
    await visit.signIn('/users?search=anna');
    await page.getByText('Anna Berg').waitFor();
    await visit.expectAccessible();
  });

  test('an expired token leads to the sign-in and back to the same search', async () => {
    await visit.signIn('/users?search=ben', mint({ exp: Math.floor(Date.now() / 1000) + 3 }));
    await page.getByText('Your sign-in has expired').waitFor();
    await page.getByLabel('Access token').fill(mint());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await row('Ben Okafor').waitFor();
    expect(page.url()).toContain('/console/users?search=ben');
  });
});
