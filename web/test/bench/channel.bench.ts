import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { launch, Visit } from '../browser.ts';
import { longestTaskDuring } from '../frames.ts';
import { mint, Server } from '../server.ts';

// A channel's whole history in the page: `make bench-web`. The longest task of the
// page's main thread, in processor time, is to leave room for a frame.

const MESSAGES = 4_000;
const PEOPLE = 10_000;
const MOST = 50;
const PLACE = '/channels/livestream:history';

let browser: Browser;
let server: Server;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  await server.ask('mutation { createOrUpdateChannel(input: {id: "history", name: "History"}) }');
  for (let from = 0; from < PEOPLE; from += 500) {
    const users = Array.from({ length: 500 }, (_, n) => ({ id: `person-${from + n}`, name: `Person ${from + n}` }));
    await server.ask('mutation ($u: [ChatUserInput!]!) { upsertChatUsers(input: {users: $u}) { users { id } } }', { u: users });
  }
  for (let from = 0; from < MESSAGES; from += 20) {
    const fields = Array.from({ length: 20 }, (_, n) => `m${n}: sendMessageToChannel(input: {channelId: "history", text: "number ${from + n}. A **word** of \`it\` and https://example.com/${n}"})`);
    await server.ask(`mutation { ${fields.join('\n')} }`, {}, mint({ sub: `person-${(from / 20) % 7}`, name: `Person ${(from / 20) % 7}` }));
  }
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** Scrolls back by the wheel until the first message is there. */
async function toBeginning(page: Page): Promise<void> {
  const box = await page.getByRole('feed').boundingBox();
  if (box === null) throw new Error('there is no feed');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const beginning = page.getByText('Here the channel begins.');
  for (const end = Date.now() + 120_000; Date.now() < end; ) {
    await page.mouse.wheel(0, -2_000);
    await page.waitForTimeout(16);
    if (await beginning.isVisible()) return;
  }
  throw new Error('the beginning was not reached');
}

test('a long history', async () => {
  const visit = await Visit.open(browser, server);
  const { page } = visit;
  await visit.signIn(PLACE);
  const field = page.getByRole('textbox', { name: 'Write a message; @ mentions people' });
  await page.getByText(`number ${MESSAGES - 1}.`).waitFor();
  const feed = page.getByRole('feed');
  const figures = {
    'loading it by scrolling back': await longestTaskDuring(browser, page, () => toBeginning(page)),
    'scrolling through it': await longestTaskDuring(browser, page, async () => {
      for (let step = 0; step < 60; step++) await page.mouse.wheel(0, 1_200);
      for (const part of [0.3, 0.9, 0.1, 1, 0, 0.5]) {
        await feed.evaluate((element, part) => (element.scrollTop = part * element.scrollHeight), part);
        await page.waitForTimeout(50);
      }
    }),
    'typing below it': await longestTaskDuring(browser, page, async () => {
      await field.focus();
      await page.keyboard.type('Good morning, **everybody**. ', { delay: 40 });
    }),
    [`mentioning one of ${PEOPLE} people`]: await longestTaskDuring(browser, page, async () => {
      await page.keyboard.type('@person 98', { delay: 60 });
      await page.getByRole('option').first().waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
    }),
    'a message that comes in': await longestTaskDuring(browser, page, async () => {
      await page.keyboard.press('Control+Enter');
      await page.getByRole('article').filter({ hasText: 'Good morning' }).first().waitFor();
    }),
  };
  await visit.close();
  console.log(`\nwith ${MESSAGES} messages in the page, the longest task of\n${Object.entries(figures).map(([what, ms]) => `${what.padEnd(40)} ran ${ms.toFixed(0).padStart(4)} ms  goal ${MOST} ms`).join('\n')}`);
  for (const [what, ms] of Object.entries(figures)) expect(ms, what).toBeLessThan(MOST);
});
