import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Browser, Page } from 'playwright-core';
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
  await server.ask('mutation { freezeChannel(input: {cid: "livestream:launch-night", frozen: true}) { channel { cid } } }');
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

const selectFour = async (page: Page) => {
  const selection = page.getByRole('gridcell').getByRole('checkbox');
  await selection.nth(2).click();
  await selection.nth(5).click({ modifiers: ['Shift'] });
};

test('selection', () => shoot(browser, server, 'channels-selected', '/channels', { before: selectFour }));
test('deletion', () =>
  shoot(browser, server, 'channels-delete', '/channels', {
    before: async (page) => {
      await selectFour(page);
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByLabel('Type 4').waitFor();
    },
  }));
test('form', () =>
  shoot(browser, server, 'channels-edit', '/channels?edit=livestream:launch-night', {
    before: (page) => page.getByRole('dialog', { name: 'Edit channel' }).waitFor(),
  }));
test('Arabic', () => shoot(browser, server, 'channels-arabic', '/channels', { locale: 'ar', before: selectFour }));
