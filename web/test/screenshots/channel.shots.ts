import { mkdirSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, test } from 'vitest';

import { launch } from '../browser.ts';
import { mint, Server } from '../server.ts';
import { seed } from './seed.ts';
import { shoot } from './shoot.ts';

let browser: Browser;
let server: Server;
let pictures: HttpServer;

const PLACE = '/channels/messaging:customer-support';
const POSTS = [
  ['amira', 'Amira Haddad', 'Good morning! My parcel **has not arrived**. The page still says _on its way_.'],
  ['amira', 'Amira Haddad', 'The number is `DE-4471-9920`.'],
  ['clerk', 'Clara Clerk', 'Good morning @Amira Haddad, sorry about that. @Ben Okafor is asking the carrier; this is where it was seen last:', 'map'],
  ['ben', 'Ben Okafor', 'They found it. Two ways from here:\n- a neighbour takes it today, or\n- we send it again tomorrow\n\nThe rules are at https://example.com/returns'],
  ['amira', 'Amira Haddad', 'Today is perfect, thank you!'],
] as const;

beforeAll(async () => {
  mkdirSync(fileURLToPath(new URL('../../../docs/screenshots', import.meta.url)), { recursive: true });
  [browser, server] = await Promise.all([launch(), Server.start()]);
  await seed(server);
  const picture = await drawMap();
  pictures = createServer((_request, response) => response.setHeader('Content-Type', 'image/png').end(picture));
  await new Promise<void>((resolve) => pictures.listen(0, '127.0.0.1', resolve));
  const { port } = pictures.address() as AddressInfo;
  for (const [sub, name, text, map] of POSTS) {
    const people = [['amira', 'Amira Haddad'], ['ben', 'Ben Okafor']] as const;
    const mentionedUsersIds = people.filter(([, each]) => text.includes(`@${each}`)).map(([id]) => id);
    const attachments = map === undefined ? [] : [{ title: 'Where it was seen', assetUrl: `http://127.0.0.1:${port}/map.png`, titleLink: 'https://example.com/track' }];
    await server.ask(
      'mutation ($i: SendMessageToChannelChanelInput!) { sendMessageToChannel(input: $i) }',
      { i: { channelId: 'customer-support', type: 'Messaging', text, mentionedUsersIds, attachments } },
      mint({ sub, name }),
    );
  }
  const { messages } = await server.ask<{ messages: { nodes: { id: string }[] } }>('{ messages(cid: "messaging:customer-support", last: 5) { nodes { id } } }');
  const about = (at: number) => ({ cid: 'messaging:customer-support', messageId: messages.nodes[at]?.id });
  await server.ask('mutation ($i: PinMessageInput!) { pinMessage(input: $i) { message { id } } }', { i: { ...about(3), pinned: true } });
  for (const [sub, type] of [['amira', 'helpful'], ['emi', 'helpful'], ['dmitri', 'solved']]) {
    await server.ask('mutation ($i: ReactionInput!) { addReaction(input: $i) { message { id } } }', { i: { ...about(3), type } }, mint({ sub }));
  }
  await server.ask('mutation { setRoles(input: {userIds: ["ben"], role: MODERATOR}) { users { previousRole } } }');
  await server.ask('mutation ($i: MembersInput!) { addMembers(input: $i) { cid } }', { i: { cid: 'messaging:customer-support', userIds: ['amira', 'ben', 'emi'] } });
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  pictures?.close();
});

/** A street map of nowhere, as a PNG. */
async function drawMap(): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: 640, height: 480 } });
  const streets = Array.from({ length: 9 }, (_, n) => `<path d="M${n * 90 - 60} -10 q${40 + n * 9} 260 ${n * 14 - 30} 520M-10 ${n * 70 - 40} q300 ${60 - n * 12} 680 ${n * 6 - 20}"/>`).join('');
  await page.setContent(`<body style="margin:0"><svg width="640" height="480" style="background:#e9e4d8"><path d="M-20 380 q200 -140 340 -40 t360 -120 v300 h-700z" fill="#b9d8e3"/>
    <rect x="380" y="40" width="150" height="110" rx="12" fill="#c9dfb8"/><g fill="none" stroke="#fff" stroke-width="9">${streets}</g>
    <circle cx="330" cy="190" r="70" fill="#0f6e65" opacity=".18"/><circle cx="330" cy="190" r="15" fill="#0f6e65" stroke="#fff" stroke-width="5"/></svg>`);
  const picture = await page.screenshot();
  await page.close();
  return picture;
}

const shown = async (page: Page) => {
  await page.getByText('Today is perfect').waitFor();
  await page.locator('img[src*="map.png"]').waitFor();
};

test('channel', () => shoot(browser, server, 'channel', PLACE, { before: shown }));
test('composer', () =>
  shoot(browser, server, 'composer', PLACE, {
    before: async (page) => {
      await shown(page);
      await page.getByLabel('Write a message').fill('Glad to hear it, @Amira Haddad! Ask for @');
      await page.getByLabel('Write a message').press('End');
      await page.keyboard.type('e');
      await page.getByRole('option').first().waitFor();
    },
  }));
test('members', () => shoot(browser, server, 'members', `${PLACE}?members`, { before: (page) => page.getByText('Emi Tanaka').first().waitFor() }));
test('Arabic', () => shoot(browser, server, 'channel-arabic', PLACE, { locale: 'ar', before: shown }));
