import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, test } from 'vitest';

import { launch } from '../browser.ts';
import { mint, Server } from '../server.ts';
import { seed } from './seed.ts';
import { shoot } from './shoot.ts';

let browser: Browser;
let server: Server;

const nora = mint({ sub: 'nora', name: 'Nora Lind' });

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  await seed(server);
  await server.ask('mutation ($u: [ChatUserInput!]!) { upsertChatUsers(input: {users: $u}) { users { id } } }', { u: [{ id: 'nora', name: 'Nora Lind' }, { id: 'clerk', name: 'Clara Clerk' }] });
  const { messages } = await server.ask<{ messages: { nodes: { id: string }[] } }>('{ messages(cid: "messaging:customer-support", last: 1) { nodes { id } } }');
  const message = messages.nodes[0]?.id;
  const acts: [string, string?][] = [
    ['createOrUpdateChannel(input: {id: "launch-night", name: "Launch evening"})'],
    ['setRoles(input: {userIds: ["emi", "chiara"], role: MODERATOR, reason: "They look after the night shift"}) { __typename }', nora],
    ['banUser(input: {userId: "dmitri", cid: "messaging:customer-support", until: "2027-01-04T10:00:00Z", reason: "Advertising"}) { userId }'],
    [`editMessage(input: {cid: "messaging:customer-support", messageId: "${message}", text: "I have sent you the form again, with all its pages."}) { __typename }`, nora],
    ['deleteChannels(input: {cids: ["team:book-club", "commerce:flea-market", "gaming:speed-running-club", "gaming:chess-evenings"], reason: "Closed at the end of the month"})', nora],
    ['deleteChannels(input: {cids: ["livestream:photo-contest"]})'],
  ];
  for (const [act, token] of acts) await server.ask(`mutation { ${act} }`, {}, token);
  await server.ask('mutation { setRoles(input: {userIds: ["ben"], role: ADMIN}) { __typename } }', {}, mint({ sub: 'ben', name: 'Ben Okafor', roles: [] })).catch(() => undefined);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

test('activity', () => shoot(browser, server, 'activity', '/activity'));
test('bin', () =>
  shoot(browser, server, 'bin', '/bin', {
    before: async (page) => {
      await page.getByRole('checkbox', { name: 'Select Book club' }).check();
      await page.getByRole('checkbox', { name: 'Select Flea market' }).check();
    },
  }));
