import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, test } from 'vitest';

import { launch } from '../browser.ts';
import { Server } from '../server.ts';
import { seed } from './seed.ts';
import { shoot } from './shoot.ts';

let browser: Browser;
let server: Server;

beforeAll(async () => {
  mkdirSync(fileURLToPath(new URL('../../../docs/screenshots', import.meta.url)), { recursive: true });
  [browser, server] = await Promise.all([launch(), Server.start()]);
  await seed(server);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

test('sign-in', () => shoot(browser, server, 'sign-in', '/channels', { signedIn: false }));
test('channels', () => shoot(browser, server, 'channels', '/channels'));
test('palette', () =>
  shoot(browser, server, 'palette', '/channels', {
    before: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByPlaceholder('Find a channel, user, page or command…').waitFor();
    },
  }));
test('copy', () =>
  shoot(browser, server, 'copy', '/channels?search=club', {
    before: async (page) => {
      await page.getByRole('button', { name: 'More', exact: true }).click();
      await page.getByRole('menuitem', { name: 'Copy as…' }).click();
    },
  }));
test('Arabic', () =>
  shoot(browser, server, 'arabic', '/channels', { locale: 'ar' }));
