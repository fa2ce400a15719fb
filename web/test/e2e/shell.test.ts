import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { launch, NARROW, Visit } from '../browser.ts';
import { mint, Server } from '../server.ts';

let browser: Browser;
let server: Server;
let visit: Visit;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start('--dev')]);
  for (const name of ['Announcements', 'Support', 'إعلانات']) {
    await server.ask('mutation ($n: String!) { createOrUpdateChannel(input: {name: $n}) }', { n: name });
  }
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});
beforeEach(async () => {
  visit = await Visit.open(browser, server);
});
afterEach(() => visit.close());

describe('signing in', () => {
  const field = () => visit.page.getByLabel('Access token');
  const button = () => visit.page.getByRole('button', { name: 'Sign in' });

  test('with a pasted token leads to the place that was asked for', async () => {
    await visit.go('/channels?search=supp');
    await field().waitFor();
    await visit.expectAccessible();
    await field().fill(`Bearer ${mint()}\n`);
    await button().click();
    await visit.page.getByRole('rowheader', { name: 'Support' }).waitFor();
    expect(visit.page.url()).toBe(`${server.url}/console/channels?search=supp`);
    await expect.poll(() => visit.page.getByRole('rowheader').count()).toBe(1);
  });

  test('with the link that --dev prints needs nothing else, and leaves no token in the address', async () => {
    const link = /Console\s+(\S+)/.exec(server.printed)?.[1];
    await visit.page.goto(link ?? '');
    await visit.page.getByRole('heading', { name: 'Channels' }).waitFor();
    expect(visit.page.url()).toBe(`${server.url}/console/channels`);
    await visit.page.getByRole('button', { name: 'Account of Back-office clerk' }).waitFor();
  });

  test.each([
    ['what is no token', () => 'hello', /This is no token/],
    ['an expired token', () => mint({ exp: 1_000_000_000 }), /has expired/],
    ['a token of another signer', () => `${mint()}x`, /does not accept this token/],
    ['a token without the role', () => mint({ sub: 'carl', name: 'Carl Customer', roles: [] }), /known as Carl Customer.*may not use the back office/],
  ])('refuses %s in words', async (_what, token, words) => {
    await visit.go('/channels');
    await field().fill(token());
    await button().click();
    await visit.page.getByRole('alert').filter({ hasText: words }).waitFor();
    await visit.expectAccessible();
  });

  test('a token that runs out leads back to the sign-in, and that to the same place', async () => {
    await visit.signIn('/channels?search=ann', mint({ exp: Math.floor(Date.now() / 1000) + 4 }));
    await visit.page.getByText('Your sign-in has expired').waitFor();
    await field().fill(mint());
    await button().click();
    await visit.page.getByRole('rowheader', { name: 'Announcements' }).waitFor();
    expect(visit.page.url()).toContain('/console/channels?search=ann');
  });

  test('a token that the server stops accepting leads back to the sign-in', async () => {
    await visit.signIn('/channels', `${mint()}x`);
    await visit.page.getByText('no longer accepts your sign-in').waitFor();
  });

  test('lasts over a reload, and signing out ends it', async () => {
    await visit.signIn();
    await visit.page.reload();
    await visit.page.getByRole('button', { name: /^Account of/ }).click();
    await visit.page.getByRole('menuitem', { name: 'Sign out' }).click();
    await field().waitFor();
    await expect.poll(() => visit.page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.includes('token')))).toEqual([]);
    await visit.page.reload();
    await field().waitFor();
  });
});

describe('the shell', () => {
  test('has no violation of WCAG 2.2 AA in light, dark and narrow', async () => {
    await visit.signIn();
    await visit.page.getByRole('rowheader', { name: 'Support' }).waitFor();
    await visit.expectAccessible();
    await visit.page.emulateMedia({ colorScheme: 'dark' });
    await visit.expectAccessible();
    await visit.page.setViewportSize(NARROW);
    await visit.expectAccessible();
    await visit.expectNoSidewaysScroll();
    await visit.page.getByRole('button', { name: 'Open the navigation' }).click();
    await visit.page.getByRole('navigation').waitFor();
    await visit.expectAccessible();
  });

  test('allows no script but its own', async () => {
    const response = await visit.page.goto(`${server.url}/console/`);
    const policy = response?.headers()['content-security-policy'] ?? '';
    expect(policy.split('; ')).toContain("script-src 'self'");
    expect(policy.split('; ')).toContain("default-src 'none'");
    const ran = await visit.page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.addEventListener('securitypolicyviolation', (event) => event.stopImmediatePropagation());
      document.head.append(script);
      return 'ran' in window;
    });
    expect(ran).toBe(false);
    visit.forgive(/Content Security Policy/);
  });

  test('keeps the chosen colours over a reload', async () => {
    await visit.signIn();
    const scheme = () => visit.page.evaluate(() => document.documentElement.getAttribute('data-mantine-color-scheme'));
    await expect.poll(() => scheme()).toBe('light');
    await visit.page.getByRole('button', { name: 'Colours' }).click();
    await visit.page.getByRole('menuitemradio', { name: 'Dark' }).click();
    await expect.poll(() => scheme()).toBe('dark');
    await visit.page.reload();
    await visit.page.locator('main h1').waitFor();
    await expect.poll(() => scheme()).toBe('dark');
  });

  test('speaks Arabic from right to left, and keeps to it', async () => {
    await visit.signIn();
    await visit.page.getByRole('button', { name: 'Language' }).click();
    await visit.page.getByRole('menuitemradio', { name: 'العربية' }).click();
    await visit.page.getByRole('heading', { name: 'القنوات' }).waitFor();
    await visit.page.reload();
    await visit.page.getByRole('heading', { name: 'القنوات' }).waitFor();
    await visit.page.getByRole('rowheader', { name: 'Support' }).waitFor();
    await expect.poll(() => visit.page.evaluate(() => [document.documentElement.lang, document.documentElement.dir])).toEqual(['ar', 'rtl']);
    const side = await visit.page.locator('nav').boundingBox();
    expect(side?.x).toBeGreaterThan(1000);
    await visit.expectAccessible();
  });

  test('finds pages and commands with Ctrl-K, with the keyboard alone', async () => {
    await visit.signIn();
    await visit.page.keyboard.press('Control+k');
    await visit.page.getByPlaceholder('Find a channel, user, page or command…').fill('dark');
    await visit.expectAccessible();
    await visit.page.keyboard.press('ArrowDown');
    await visit.page.keyboard.press('Enter');
    await visit.page.locator('html[data-mantine-color-scheme=dark]').waitFor();
  });

  test('asks before the palette leaves a form with changes, and then goes there', async () => {
    await visit.signIn('/channels?edit=new');
    const name = visit.page.getByRole('dialog').getByLabel('Name');
    const leave = async (button: string) => {
      await visit.page.keyboard.press('Control+k');
      await visit.page.getByPlaceholder('Find a channel, user, page or command…').fill('users');
      await visit.page.keyboard.press('Enter');
      await visit.page.getByRole('dialog').filter({ hasText: 'Close without saving?' }).getByRole('button', { name: button }).click();
    };
    await name.fill('Half a name');
    await leave('Go on editing');
    await visit.page.getByText('Close without saving?').waitFor({ state: 'detached' });
    await expect.poll(() => name.inputValue()).toBe('Half a name');
    await leave('Discard the changes');
    await visit.page.getByRole('heading', { name: 'Users' }).waitFor();
    await expect.poll(() => visit.page.getByRole('dialog').count()).toBe(0);
    expect(visit.page.url()).toMatch(/\/users$/);
  });

  test('searches with / and shows its keys with ?', async () => {
    await visit.signIn();
    await visit.page.keyboard.press('/');
    await visit.page.keyboard.type('supp?');
    await expect.poll(() => visit.page.getByLabel('Search names and ids').inputValue()).toBe('supp?');
    await visit.page.getByText('No channel matches “supp?”').waitFor();
    await visit.page.locator('h1').focus();
    await visit.page.keyboard.press('?');
    await visit.page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await visit.expectAccessible();
    await visit.page.keyboard.press('Escape');
    await visit.page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('starts the tab order with a link over the navigation', async () => {
    await visit.signIn();
    await visit.page.getByRole('rowheader', { name: 'Support' }).waitFor();
    await expect.poll(() => visit.page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    await visit.page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await visit.page.reload();
    await visit.page.locator('main h1').waitFor();
    const link = visit.page.getByRole('link', { name: 'Skip to the content' });
    await link.focus();
    await visit.page.keyboard.press('Enter');
    await expect.poll(() => visit.page.evaluate(() => document.activeElement?.id)).toBe('main');
  });

  test('copies what the page asks as GraphQL, for curl and as a Go program', async () => {
    await visit.signIn('/channels?search=supp');
    await visit.page.getByRole('button', { name: 'More', exact: true }).click();
    await visit.page.getByRole('menuitem', { name: 'Copy as…' }).click();
    const code = visit.page.locator('pre');
    await expect.poll(() => code.textContent()).toMatch(/^query Channels.*"search": "supp"/s);
    await visit.expectAccessible();
    await visit.page.getByText('curl', { exact: true }).click();
    await expect.poll(() => code.textContent()).toContain(`curl -s '${server.url}/graphql'`);
    await visit.page.getByText('Go', { exact: true }).click();
    await expect.poll(() => code.textContent()).toContain('package main');
    await expect.poll(() => code.textContent()).not.toContain('eyJ');
  });

  test('says in words that a page does not exist', async () => {
    await visit.signIn('/nowhere/at/all');
    await visit.page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await visit.page.getByRole('link', { name: 'Go to Channels' }).click();
    await visit.page.getByRole('heading', { name: 'Channels' }).waitFor();
  });

  test('says that the server is away, and goes on by itself when it is back', async () => {
    await visit.signIn();
    await server.kill();
    await visit.page.getByLabel('Search names and ids').fill('ann');
    await visit.page.getByText('The server cannot be reached. What you see may be old').waitFor();
    await visit.expectAccessible();
    await server.begin();
    await visit.page.getByText('Connected again.').waitFor();
    await visit.page.getByRole('rowheader', { name: 'Announcements' }).waitFor();
    await expect.poll(() => visit.page.getByRole('rowheader').count()).toBe(1);
  });

  test('draws the first screen, and one whose link was pointed at, with nothing in its place before', async () => {
    await visit.page.addInitScript(() => {
      const stoodIn = new MutationObserver(() => {
        if (document.querySelector('main [aria-busy]') !== null) document.documentElement.dataset['stoodIn'] = 'yes';
      });
      stoodIn.observe(document, { childList: true, subtree: true });
    });
    await visit.signIn();
    const loaded = visit.page.waitForResponse(/Overview\.js$/);
    await visit.page.getByRole('link', { name: 'Overview' }).hover();
    await (await loaded).finished();
    await visit.page.getByRole('link', { name: 'Overview' }).click();
    await visit.page.getByRole('heading', { name: 'Overview' }).waitFor();
    await expect.poll(() => visit.page.evaluate(() => document.documentElement.dataset['stoodIn'])).toBeUndefined();
    await visit.page.getByRole('button', { name: 'Account of' }).click();
    await visit.page.getByRole('menuitemcheckbox', { name: 'Tools for developers' }).click();
    await visit.page.getByRole('link', { name: 'Explorer' }).click();
    await visit.page.waitForFunction(() => document.documentElement.dataset['stoodIn'] === 'yes');
  });

  test('loads less than 1.5 MB until it can be used', async () => {
    const sizes: Promise<number>[] = [];
    visit.page.on('response', (response) => {
      if (response.url().includes('/console/')) sizes.push(response.body().then(({ length }) => length, () => 0));
    });
    await visit.signIn();
    await visit.page.getByRole('rowheader', { name: 'Support' }).waitFor();
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(1_500_000);
  });
});
