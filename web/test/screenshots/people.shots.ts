import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, test } from 'vitest';

import { launch } from '../browser.ts';
import { Server } from '../server.ts';
import { seed } from './seed.ts';
import { shoot } from './shoot.ts';

let browser: Browser;
let server: Server;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  await seed(server);
  await server.ask(`mutation {
    ben: banUser(input: {userId: "ben", until: "2027-01-04T10:00:00Z"}) { userId }
    dmitri: muteUser(input: {userId: "dmitri"}) { userId }
  }`);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

test('users', () => shoot(browser, server, 'users', '/users'));
test('roles', () =>
  shoot(browser, server, 'roles', '/users', {
    before: async (page) => {
      await page.getByRole('checkbox', { name: 'Select Ben Okafor' }).check();
      await page.getByRole('checkbox', { name: 'Select Emi Tanaka' }).check();
      await page.getByRole('button', { name: 'Change role…' }).click();
      await page.getByRole('radio', { name: 'Moderator' }).check();
    },
  }));
test('import', () =>
  shoot(browser, server, 'import', '/users/import', {
    before: async (page) => {
      await page.getByLabel('Or paste the list').fill('id,name,role\nben,Benjamin Okafor,\nemi,Emi Tanaka,moderator\nfatima,Fatima Zahra,\namira,Amira Haddad,\nbad id,Nobody,\ngus,Gus,owner\n');
      await page.getByRole('button', { name: 'Preview' }).click();
      await page.getByText('All 6').waitFor();
    },
  }));
test('overview', () => shoot(browser, server, 'overview', '/overview'));
test('explorer', () =>
  shoot(browser, server, 'explorer', '/explorer', {
    before: async (page) => {
      await page.getByRole('button', { name: /^Execute query/ }).click();
      await page.locator('.result-window').getByText('"allChannels"').waitFor();
    },
  }));
