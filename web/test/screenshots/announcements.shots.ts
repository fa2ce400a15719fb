import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, test } from 'vitest';

import { launch } from '../browser.ts';
import { Server } from '../server.ts';
import { seed } from './seed.ts';
import { shoot } from './shoot.ts';

let browser: Browser;
let server: Server;
let draft: string;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  await seed(server);
  await server.ask('mutation { upsertChatUsers(input: {users: [{id: "clerk", name: "Clara Clerk"}]}) { users { id } } }');
  for (const cid of ['messaging:customer-support', 'commerce:returns-and-refunds', 'team:night-shift']) await server.ask(`mutation { addMembers(input: {cid: "${cid}", userIds: ["amira", "ben", "emi"]}) { cid } }`);
  const made = await server.ask<{ createAnnouncement: { announcement: { id: string } } }>(
    'mutation ($t: String!) { createAnnouncement(input: {text: $t, channels: {cids: ["messaging:customer-support", "commerce:returns-and-refunds", "team:night-shift", "team:gone"]}}) { announcement { id } } }',
    { t: 'We are **closed on Monday** for stocktaking. On Tuesday we open at nine as always.' },
  );
  draft = made.createAnnouncement.announcement.id;
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

test('what sending would do', () =>
  shoot(browser, server, 'announcement-send', `/announcements/${draft}?send`, {
    before: async (page) => {
      await page.getByRole('dialog').getByText('At a time').click();
      await page.getByLabel('Time on the clock there').fill('2027-01-04T08:00');
      await page.getByRole('combobox', { name: 'Time zone' }).fill('Berlin');
      await page.getByRole('option', { name: 'Europe/Berlin' }).click();
      await page.getByRole('dialog').getByText('(Europe/Berlin), which is').waitFor();
    },
  }));
