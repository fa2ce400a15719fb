import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { launch, Visit } from '../browser.ts';
import { Server } from '../server.ts';

// WCAG 2.2 AA over all screens: in Arabic, at 320 px, with what opens over them,
// in the colours of the system, and without motion.

let browser: Browser;
let server: Server;
let visit: Visit;
let page: Page;

/** Each screen, and what is on it when it is there. */
const SCREENS: [place: string, there: string][] = [
  ['/overview', '[data-figure]'],
  ['/channels', '[role=rowheader]'],
  ['/channels?edit=livestream:hall', '[role=dialog] input[type=file]'],
  ['/channels?edit=new', '[role=dialog] input[type=file]'],
  ['/channels/livestream%3Ahall', 'text=Hello'],
  ['/users', '[role=rowheader]'],
  ['/users/import', 'textarea'],
  ['/announcements', 'main li a'],
  ['/announcements/new', 'main li input'],
  ['/jobs', '[data-job]'],
  ['/activity', 'main article'],
  ['/bin', '[role=rowheader]'],
  ['/webhooks', 'main article'],
  ['/explorer', '.CodeMirror textarea[aria-label]'],
  ['/nowhere', 'main h2, main p'],
];

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  await server.ask('mutation ($u: [ChatUserInput!]!) { upsertChatUsers(input: {users: $u}) { users { id } } }', {
    u: [{ id: 'anna', name: 'Anna Berg', role: 'MODERATOR' }, { id: 'noor', name: 'نور' }],
  });
  for (const name of ['Hall', 'إعلانات', 'Support']) await server.ask('mutation ($n: String!) { createOrUpdateChannel(input: {name: $n}) }', { n: name });
  await server.ask('mutation { createOrUpdateChannel(input: {id: "gone", name: "Gone"}) deleteChannels(input: {cids: ["livestream:gone"]}) }');
  await server.ask('mutation { createWebhook(input: {url: "https://crm.example.com/chat", description: "The CRM", events: ["message.new"], enabled: false}) { webhook { id } } }');
  await server.ask('mutation { sendMessageToChannel(input: {channelId: "hall", text: "Hello **all**", mentionedUsersIds: ["anna"]}) }');
  const { createAnnouncement } = await server.ask<{ createAnnouncement: { announcement: { id: string } } }>(
    'mutation { createAnnouncement(input: {text: "For **all**", channels: {cids: ["livestream:hall", "livestream:nowhere"]}}) { announcement { id } } }');
  await server.ask('mutation ($id: String!) { sendAnnouncement(input: {id: $id}) { announcement { id } } }', createAnnouncement.announcement);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});
afterEach(() => visit.close());

const open = async (options = {}) => {
  visit = await Visit.open(browser, server, options);
  page = visit.page;
};
const show = async ([place, there]: [string, string]) => {
  await visit.signIn(place);
  await page.locator(there).first().waitFor({ state: 'attached' });
};

describe.each(SCREENS)('%s', (place, there) => {
  test('in Arabic', async () => {
    await open({ locale: 'ar' });
    await show([place, there]);
    await expect.poll(() => page.evaluate(() => document.documentElement.dir)).toBe('rtl');
    await visit.expectAccessible();
    await visit.expectNoSidewaysScroll();
  });

  test('at 400 %: 320 px wide', async () => {
    await open({ viewport: { width: 320, height: 512 } });
    await show([place, there]);
    await visit.expectNoSidewaysScroll();
    await visit.expectAccessible();
  });

  test('in the colours of the system', async () => {
    await open({ forcedColors: 'active' });
    await show([place, there]);
    await visit.expectAccessible();
  });
});

describe.each(['light', 'dark'] as const)('over a screen, %s', (colorScheme) => {
  const press = (name: string | RegExp) => page.getByRole('button', { name }).click();
  const choose = async (name: string) => {
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name }).click();
  };

  test.each([
    ['the menu of colours', () => press('Colours'), 'menuitemradio'],
    ['the menu of languages', () => press('Language'), 'menuitemradio'],
    ['the account', () => press(/^Account of/), 'menuitem'],
    ['what is asked, to be copied', () => choose('Copy as…'), 'dialog'],
    ['the palette', () => page.keyboard.press('Control+k'), 'dialog'],
    ['the keys', () => page.keyboard.press('?'), 'dialog'],
  ] as const)('%s', async (_what, act, role) => {
    await open({ colorScheme });
    await show(['/channels', '[role=rowheader]']);
    await act();
    await page.getByRole(role).first().waitFor();
    await visit.expectAccessible();
  });

  test('what can be done with a user', async () => {
    await open({ colorScheme });
    await show(['/users', '[role=rowheader]']);
    await press('Actions for Anna Berg');
    await page.getByRole('menuitem', { name: 'Ban…' }).waitFor();
    await visit.expectAccessible();
  });

  test('what is done to many: roles and deletion', async () => {
    await open({ colorScheme });
    await show(['/users', '[role=rowheader]']);
    await page.getByRole('checkbox', { name: 'Select Anna Berg' }).check();
    await press('Change role…');
    await page.getByRole('dialog').getByRole('listitem').first().waitFor();
    await visit.expectAccessible();
    await show(['/channels', '[role=rowheader]']);
    await page.getByRole('gridcell').getByRole('checkbox').first().click();
    await press('Delete');
    await page.getByRole('list', { name: 'What will be deleted' }).waitFor();
    await visit.expectAccessible();
  });

  test('the menu of an author, and a ban', async () => {
    await open({ colorScheme });
    await show(['/channels/livestream:hall', '[role=article]']);
    await page.getByRole('article').first().focus();
    await page.keyboard.press('a');
    await page.getByRole('menuitem', { name: 'Ban from all channels…' }).waitFor();
    await visit.expectAccessible();
    await page.getByRole('menuitem', { name: 'Ban from all channels…' }).click();
    await page.getByRole('dialog', { name: /^Ban / }).waitFor();
    await visit.expectAccessible();
  });

  test('a note with its undo, and one of a failure', async () => {
    await open({ colorScheme });
    await show(['/channels?search=hall', '[role=rowheader]']);
    await page.getByRole('gridcell').getByRole('checkbox').first().click();
    await press('Freeze');
    await page.getByRole('alert').filter({ hasText: '1 channel frozen' }).waitFor();
    await visit.expectAccessible();
    await page.route('**/graphql', (route) => route.fulfill({ json: { data: null, errors: [{ message: 'x', extensions: { code: 'UNAVAILABLE' } }] } }));
    await page.getByRole('alert').getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('alert').filter({ hasText: 'cannot answer right now' }).waitFor();
    await visit.expectAccessible();
    await page.unroute('**/graphql');
    await press('Unfreeze');
    await page.getByRole('alert').filter({ hasText: '1 channel unfrozen' }).waitFor();
  });
});

test('a menu opens on its first line, is walked with the arrows, and gives the focus back', async () => {
  await open();
  await show(['/users', '[role=rowheader]']);
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  await page.getByRole('button', { name: 'Actions for Anna Berg' }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(focused).toBe('Change role…');
  await page.keyboard.press('ArrowDown');
  await expect.poll(focused).toBe('Mute…');
  await page.keyboard.press('Escape');
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Actions for Anna Berg (anna)');
});

test('nothing moves for who wants no motion', async () => {
  await open({ reducedMotion: 'reduce' });
  let answer = () => {};
  const waiting = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/graphql', async (route) => {
    await waiting;
    await route.continue();
  });
  const moving = () =>
    page.evaluate(() =>
      document.getAnimations().filter(({ effect }) => {
        const { duration, iterations } = effect?.getComputedTiming() ?? {};
        return Number(duration) > 1 || iterations === Infinity;
      }).map((animation) => (animation as CSSAnimation).animationName ?? 'transition'));
  await visit.signIn('/channels');
  await page.locator('[data-loading]').waitFor();
  expect(await moving()).toEqual([]);
  answer();
  await page.getByRole('rowheader').first().waitFor();
  await page.keyboard.press('n');
  await page.getByRole('dialog').waitFor();
  expect(await moving()).toEqual([]);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').waitFor();
  expect(await moving()).toEqual([]);
});
