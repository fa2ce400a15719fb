import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';

import { launch, Visit } from '../browser.ts';
import { mint, pause, Server } from '../server.ts';

// The console where the chat is an app of hosted Stream: the emulator stands for it.

/** A server whose chat is an emulator of its own. */
interface Hosted {
  emulator: Awaited<ReturnType<typeof Server.emulator>>;
  server: Server;
}

let browser: Browser;
let emulator: Hosted['emulator'];
let server: Server;
let visit: Visit;
let page: Page;
let idleMinute: Promise<string[]> | undefined;

const cid = 'livestream:hall';
const start = async (): Promise<Hosted> => {
  const emulator = await Server.emulator();
  const server = await Server.start('--provider', 'stream', '--stream-base-url', emulator.url, '--stream-api-key', 'emulator', '--stream-api-secret', 'emulator-secret');
  await server.ask('mutation { createOrUpdateChannel(input: {id: "hall", name: "Town hall"}) }');
  return { emulator, server };
};
const post = (text: string) =>
  server.ask('mutation ($i: SendMessageToChannelChanelInput!) { sendMessageToChannel(input: $i) }', { i: { channelId: 'hall', text } }, mint({ sub: 'ann', name: 'Ann Lee' }));

beforeAll(async () => {
  [browser, { emulator, server }] = await Promise.all([launch(), start()]);
  idleMinute = inAnIdleMinute(); // it passes while the other tests run
  idleMinute.catch(() => undefined); // the last test says so
  const users = [{ id: 'ann', name: 'Ann Lee' }, { id: 'ben', name: 'Ben Okafor' }];
  await server.ask('mutation ($i: UpsertChatUsersInput!) { upsertChatUsers(input: $i) { users { id } } }', { i: { users } });
  for (let n = 0; n < 80; n++) await post(`line ${n}`);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  emulator?.close();
});
beforeEach(async () => {
  visit = await Visit.open(browser, server);
  page = visit.page;
});
afterEach(() => visit.close());

const articles = () => page.getByRole('article');
const field = () => page.getByRole('textbox', { name: 'Write a message; @ mentions people' });

test('the list says how old it may be, and makes and shows a channel', async () => {
  await visit.signIn('/channels');
  await page.getByText('up to 5 s old').waitFor();
  await page.keyboard.press('n');
  await page.getByRole('dialog').getByLabel('Name').fill('Lost and found');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('rowheader', { name: 'Lost and found' }).waitFor();
  await visit.expectAccessible();
});

test('one’s own message is shown once, and what others write comes by itself', async () => {
  await visit.signIn(`/channels/${cid}`);
  await field().fill('only once');
  await page.keyboard.press('Control+Enter');
  const most = await page.evaluate(async () => {
    const shown = () => [...document.querySelectorAll('[role=article]')].filter((each) => each.textContent?.includes('only once')).length;
    let most = 0;
    for (const end = performance.now() + 9_000; performance.now() < end; await new Promise(requestAnimationFrame)) most = Math.max(most, shown());
    return most;
  });
  expect(most).toBe(1);
  await articles().filter({ has: page.locator('[data-message]'), hasText: 'only once' }).waitFor();
  await post('from elsewhere');
  await articles().filter({ hasText: 'from elsewhere' }).waitFor();
});

test('history stays while one reads it', async () => {
  await visit.signIn(`/channels/${cid}`);
  const feed = page.getByRole('feed');
  await articles().first().waitFor();
  await expect
    .poll(async () => {
      await feed.evaluate((element) => (element.scrollTop = 0));
      return page.getByText('line 0', { exact: true }).count();
    })
    .toBe(1);
  const at = () => feed.evaluate((element) => element.scrollTop);
  const before = await at();
  await new Promise((resolve) => setTimeout(resolve, 8_000));
  expect(await page.getByText('line 0', { exact: true }).count()).toBe(1);
  expect(await at()).toBe(before);
});

test('nobody is offered what the chat cannot do, and Overview shows what it knows', async () => {
  await visit.signIn('/users');
  await page.getByRole('button', { name: 'Actions for Ann Lee (ann)' }).click();
  await page.getByRole('menuitem', { name: 'Ban…' }).waitFor();
  expect(await page.getByRole('menuitem', { name: 'Mute…' }).count()).toBe(0);
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByRole('region', { name: 'New channels' }).getByText('Town hall').waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
  expect(await page.getByRole('link', { name: 'Bin' }).count()).toBe(0);
  await visit.expectAccessible();
});

test('channels, messages and bans are changed, and who comes second sees what another clerk did', async () => {
  await visit.signIn(`/channels/${cid}`);
  await articles().last().focus();
  await page.keyboard.press('p');
  await page.getByRole('alert').filter({ hasText: 'Pinned.' }).waitFor();
  await visit.signIn(`/channels?edit=${cid}`);
  await page.getByRole('dialog').getByLabel('Name').fill('City hall');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('alert').filter({ hasText: 'Renamed Town hall' }).waitFor();
  await page.keyboard.press('Control+z');
  await page.getByRole('alert').filter({ hasText: 'Undone.' }).waitFor();
  await server.ask('mutation { createOrUpdateChannel(input: {id: "foyer", name: "Foyer"}) }');
  await visit.signIn('/channels?edit=livestream:foyer');
  await page.getByRole('dialog').getByLabel('Name').fill('Mine');
  await server.ask('mutation { createOrUpdateChannel(input: {id: "foyer", name: "Theirs alone"}) }', {}, mint({ sub: 'nora', name: 'Nora Lind' }));
  await page.keyboard.press('Control+Enter');
  await page.getByRole('dialog').getByRole('alert').filter({ hasText: /nora changed this on .*Theirs alone/s }).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Save mine all the same' }).click();
  await page.getByRole('alert').filter({ hasText: 'Mine' }).waitFor();
  await visit.signIn('/users?search=ben');
  await page.getByRole('button', { name: 'Actions for Ben Okafor (ben)' }).click();
  await page.getByRole('menuitem', { name: 'Ban…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Ban', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'is banned until' }).waitFor();
});

test('an announcement for what a search finds is paused, goes on, and another is stopped', async () => {
  const north = ['north-1', 'north-2', 'north-3'];
  await server.ask(`mutation { ${north.map((id, n) => `c${n}: createOrUpdateChannel(input: {id: "${id}", name: "Branch ${id}"})`).join(' ')} }`);
  const said = async () =>
    (await Promise.all(north.map((id) => server.ask<{ messages: { nodes: { text: string }[] } }>(`{ messages(cid: "livestream:${id}", last: 9) { nodes { text } } }`))))
      .flatMap(({ messages }) => messages.nodes.map(({ text }) => text));
  const faults = `${emulator.url}/emulator/faults`;
  const send = async (text: string) => {
    // While Stream takes no message, the job is under way.
    await fetch(faults, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ method: 'POST', path: '/api/v2/chat/channels/*/*/message', status: 503 }) });
    await visit.signIn('/announcements/new');
    await page.getByText('By a filter').click();
    await page.getByRole('searchbox', { name: 'Search names and ids' }).fill('north');
    await page.getByRole('status').filter({ hasText: '3 channels' }).waitFor();
    await page.getByRole('textbox', { name: 'Write the announcement' }).fill(text);
    await page.getByRole('button', { name: 'Check and send…' }).click();
    await page.getByRole('dialog', { name: 'Send the announcement?' }).getByRole('button', { name: 'Send to 3 channels' }).click();
    await page.getByText('channels that match: “north” in the name or id').waitFor();
    await page.getByText('Under way', { exact: true }).waitFor();
  };

  await send('Open again');
  await page.getByRole('button', { name: /^Pause/ }).click();
  await page.getByText('Paused', { exact: true }).waitFor();
  await visit.expectAccessible();
  await fetch(faults, { method: 'DELETE' });
  await page.getByRole('button', { name: /^Go on/ }).click();
  await page.getByText('3 of 3 done').waitFor({ timeout: 40_000 }); // it tries more rarely the longer Stream refuses
  await expect.poll(said).toEqual(['Open again', 'Open again', 'Open again']);

  await send('Never mind');
  await visit.signIn('/jobs');
  const job = page.locator('[data-job]').first();
  await job.getByRole('button', { name: /^Stop/ }).click();
  await page.getByRole('dialog', { name: 'Stop this job?' }).getByRole('button', { name: 'Stop', exact: true }).click();
  await job.getByText('Stopped', { exact: true }).waitFor();
  await job.getByText('0 of 3 done').waitFor();
  await visit.expectAccessible();
  await fetch(faults, { method: 'DELETE' });
}, 120_000);

/** The calls to Stream in a minute in which three pages are open and nobody does anything. */
async function inAnIdleMinute(): Promise<string[]> {
  const { emulator, server } = await start();
  const pages = await Promise.all([1, 2, 3].map(() => Visit.open(browser, server)));
  try {
    const [channel, list, users] = pages as [Visit, Visit, Visit];
    await channel.signIn(`/channels/${cid}`);
    await list.signIn('/channels');
    await list.page.getByRole('rowheader', { name: 'Town hall' }).waitFor();
    await users.signIn('/users');
    await pause(10_000); // what opening them cost
    const begun = Date.now();
    await pause(60_000);
    const ended = Date.now();
    const answer = await fetch(`${emulator.url}/emulator/requests`);
    const { requests } = (await answer.json()) as { requests: { method: string; path: string; at: string }[] };
    return requests.filter(({ at }) => begun <= Date.parse(at) && Date.parse(at) < ended).map(({ method, path }) => `${method} ${path}`);
  } finally {
    await Promise.all(pages.map((each) => each.close()));
    await server.close();
    emulator.close();
  }
}

test('an idle minute costs Stream at most 40 calls, of all pages together', async () => {
  const measured = idleMinute ?? inAnIdleMinute(); // measured anew if the test is tried again
  idleMinute = undefined;
  const calls = await measured;
  const figures = JSON.stringify(calls.toSorted());
  expect(calls.length, figures).toBeGreaterThan(20); // the poller looks all the time
  expect(calls.length, figures).toBeLessThanOrEqual(40);
}, 180_000);
