import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { launch, Visit } from '../browser.ts';
import { makeMany } from '../many.ts';
import { Server } from '../server.ts';

// One message for many channels: written once, uploaded once, and recalled everywhere.

let browser: Browser;
let server: Server;
let visit: Visit;
let page: Page;

const TELEPHONE = { width: 390, height: 844 };

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  await server.ask('mutation ($u: [ChatUserInput!]!) { upsertChatUsers(input: {users: $u}) { users { id } } }', { u: [{ id: 'anna', name: 'Anna Berg' }, { id: 'ben', name: 'Ben Okafor' }] });
  const branches = Array.from({ length: 20 }, (_, n) => `c${n}: createOrUpdateChannel(input: {id: "branch-${n}", name: "Branch ${n}"})`);
  await server.ask(`mutation { ${branches.join('\n')} }`);
  await server.ask(`mutation { other: createOrUpdateChannel(input: {id: "other", name: "Other", type: Team}) }`);
  await server.ask('mutation { addMembers(input: {cid: "livestream:branch-0", userIds: ["anna", "ben"]}) { cid } }');
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});
const open = async (options = {}) => {
  visit = await Visit.open(browser, server, options);
  page = visit.page;
};
afterEach(() => visit.close());

/** A picture, drawn by the browser. */
async function picture(): Promise<Buffer> {
  const url = await page.evaluate(() => Object.assign(document.createElement('canvas'), { width: 60, height: 40 }).toDataURL('image/png'));
  return Buffer.from(url.split(',')[1] ?? '', 'base64');
}
const toast = (text: string | RegExp) => page.getByRole('alert').filter({ hasText: text });
const writing = () => page.getByRole('textbox', { name: 'Write the announcement' });
const said = async (id: string) => {
  const { messages } = await server.ask<{ messages: { nodes: { text: string; attachments: { assetUrl: string }[] }[] } }>(`{ messages(cid: "livestream:${id}", last: 20) { nodes { text deletedAt attachments { assetUrl } } } }`);
  return messages.nodes.filter((node) => (node as { deletedAt?: string | null }).deletedAt == null);
};
const everywhere = async (text: string) => (await Promise.all(Array.from({ length: 20 }, (_, n) => said(`branch-${n}`)))).filter((all) => all.filter((each) => each.text === text).length === 1).length;

test('a picture goes to 20 channels in under 15 clicks and one upload, is edited everywhere, and recalled in 3', async () => {
  await open();
  let clicks = 0;
  let uploads = 0;
  page.on('request', (request) => {
    if (request.method() === 'POST' && new URL(request.url()).pathname !== '/graphql') uploads++;
  });
  const click = async (on: Locator) => {
    clicks++;
    await on.click();
  };
  await visit.signIn('/channels?search=branch');
  await click(page.getByRole('grid').getByRole('checkbox').first());
  await click(page.getByRole('button', { name: 'Post to these…' }));
  await page.getByRole('status').filter({ hasText: '20 channels' }).waitFor();
  await visit.expectAccessible();
  const chooser = page.waitForEvent('filechooser');
  await click(page.getByRole('button', { name: 'Attach pictures or videos' }));
  clicks++; // choosing the file
  await (await chooser).setFiles({ name: 'closed.png', mimeType: 'image/png', buffer: await picture() });
  await click(writing());
  await page.keyboard.type('Closed **tomorrow**');
  await click(page.getByRole('button', { name: 'Check and send…' }));
  const dialog = page.getByRole('dialog', { name: 'Send the announcement?' });
  await dialog.getByText('20 channels with 2 memberships get it.').waitFor();
  await dialog.locator('strong', { hasText: 'tomorrow' }).waitFor();
  await visit.expectAccessible();
  await click(dialog.getByRole('button', { name: 'Send to 20 channels' }));
  await page.getByText('20 of 20 done').waitFor();
  expect(clicks).toBeLessThan(15);
  expect(uploads).toBe(1);
  expect(await everywhere('Closed **tomorrow**')).toBe(20);
  expect(new Set((await Promise.all(['branch-0', 'branch-19'].map(said))).map((all) => all.at(-1)?.attachments[0]?.assetUrl)).size).toBe(1);
  await visit.expectAccessible();

  await page.getByRole('button', { name: 'Edit everywhere…' }).click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Write the announcement' }).fill('Closed on Monday');
  await visit.expectAccessible();
  await page.keyboard.press('Control+Enter');
  await page.getByRole('definition').filter({ has: page.getByRole('progressbar', { name: 'Edited' }) }).getByText('20 of 20 done').waitFor();
  expect(await everywhere('Closed on Monday')).toBe(20);

  await visit.signIn('/announcements');
  await page.getByRole('link', { name: 'Closed on Monday' }).waitFor();
  await visit.expectAccessible();
  clicks = 0;
  await click(page.getByRole('link', { name: 'Closed on Monday' }));
  await click(page.getByRole('button', { name: 'Recall everywhere…' }));
  await page.getByRole('dialog').getByText(/0 of 2 memberships had read it/).waitFor();
  await visit.expectAccessible();
  await click(page.getByRole('dialog').getByRole('button', { name: 'Recall everywhere' }));
  expect(clicks).toBe(3);
  await page.getByRole('definition').filter({ has: page.getByRole('progressbar', { name: 'Recalled' }) }).getByText('20 of 20 done').waitFor();
  expect(await everywhere('Closed on Monday')).toBe(0);

  await page.getByRole('button', { name: 'Bring it back…' }).click();
  await page.getByRole('dialog').getByText('all 20 channels').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Bring it back', exact: true }).click();
  await page.getByRole('link', { name: 'The recall was undone' }).waitFor();
  await expect.poll(() => everywhere('Closed on Monday')).toBe(20);
});

test('on a telephone, in the dark: a filter, a time that a clock skips, and a draft again', async () => {
  await open({ viewport: TELEPHONE, colorScheme: 'dark' });
  await visit.signIn('/announcements/new');
  await writing().fill('Spring cleaning');
  await page.getByRole('button', { name: 'Check and send…' }).click();
  await toast('Select channels.').waitFor();
  await visit.expectAccessible();
  await page.getByText('By a filter').click();
  await toast('Fill in a part of the filter').waitFor();
  await page.getByLabel('Type').selectOption('team');
  await page.getByRole('status').filter({ hasText: '1 channel' }).waitFor();
  await page.getByLabel('Without a message since').fill('2030-01-01');
  await visit.expectAccessible();
  await page.getByRole('button', { name: 'Check and send…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Send the announcement?' });
  await dialog.getByText('At a time').click();
  await dialog.getByLabel('Time on the clock there').fill('2030-03-31T02:30');
  await dialog.getByRole('combobox', { name: 'Time zone' }).fill('Berlin');
  await page.getByRole('option', { name: 'Europe/Berlin' }).click();
  await dialog.getByText('The clock there skips this time. It will be sent on 31 Mar 2030, 03:00 (Europe/Berlin), which is 31 Mar 2030, 01:00 here (UTC).').waitFor();
  await visit.expectAccessible();
  await visit.expectNoSidewaysScroll();
  await dialog.getByRole('button', { name: 'Schedule' }).click();
  await page.getByRole('definition').filter({ hasText: /^31 Mar 2030, 03:00 \(Europe\/Berlin\)/ }).waitFor();
  await page.getByText('channels that match: type team, no message since 1 Jan 2030').waitFor();
  await visit.expectAccessible();
  await visit.expectNoSidewaysScroll();
  await page.getByRole('button', { name: 'Make it a draft again' }).click();
  await expect.poll(() => writing().inputValue()).toBe('Spring cleaning');
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Delete draft…' }).click();
  await page.getByRole('dialog', { name: 'Delete this draft?' }).getByText('This can’t be undone.').waitFor();
  await visit.expectAccessible();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await toast('Draft deleted.').waitFor();
  expect(await page.getByRole('link', { name: 'Spring cleaning' }).count()).toBe(0);
});

test('one that was missed is marked so, and a person decides', async () => {
  const { createAnnouncement } = await server.ask<{ createAnnouncement: { announcement: { id: string } } }>(
    'mutation { createAnnouncement(input: {text: "Overslept", channels: {search: "other"}}) { announcement { id } } }');
  await server.ask('mutation ($id: String!) { sendAnnouncement(input: {id: $id, localTime: "2030-01-01T08:00", zone: "UTC"}) { announcement { id } } }', createAnnouncement.announcement);
  await open();
  // No server of a test was away for an hour: the answers say so.
  await page.route('**/graphql', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replaceAll('"SCHEDULED"', '"MISSED"') });
  });
  await visit.signIn('/announcements');
  await page.getByRole('listitem').filter({ hasText: 'Overslept' }).getByText('Missed').waitFor();
  await page.getByRole('link', { name: 'Overslept' }).click();
  await toast('It was not sent').waitFor();
  await visit.expectAccessible();
  await page.getByRole('button', { name: 'Send now or at another time…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Send to 1 channel' }).click();
  await page.getByText('1 of 1 done').waitFor();
});

test('a job says what failed and why, tries it again, and Activity has words for it', async () => {
  await open({ viewport: TELEPHONE });
  const { createAnnouncement } = await server.ask<{ createAnnouncement: { announcement: { id: string } } }>(
    'mutation { createAnnouncement(input: {text: "Late", channels: {cids: ["livestream:second", "livestream:late"]}}) { announcement { id } } }');
  await server.ask('mutation { createOrUpdateChannel(input: {id: "second", name: "Second"}) }');
  await visit.signIn(`/announcements/${createAnnouncement.announcement.id}?send`);
  const refusals = page.getByRole('dialog').getByRole('list', { name: 'Which refuse it, and why' });
  await refusals.getByText('livestream:late').waitFor();
  await visit.expectAccessible();
  await page.getByRole('dialog').getByRole('button', { name: 'Send to 1 channel' }).click();
  await page.getByText('1 of 2 done · 1 failed').waitFor();
  await page.getByRole('list', { name: 'What failed, and why' }).getByText('There is no such channel.').waitFor();
  await visit.expectAccessible();
  await visit.signIn('/jobs');
  const job = page.locator(`[data-job="${createAnnouncement.announcement.id}"]`);
  await job.getByRole('button', { name: /^Why it failed/ }).click();
  await job.getByText('There is no such channel.').waitFor();
  await visit.expectAccessible();
  await visit.expectNoSidewaysScroll();
  await server.ask('mutation { createOrUpdateChannel(input: {id: "late", name: "Late"}) }');
  await job.getByRole('button', { name: /^Try the failed ones again/ }).click();
  await job.getByText('2 of 2 done').waitFor();
  await visit.signIn('/activity');
  for (const deed of ['had a job go on with what failed or was left out', 'sent or scheduled an announcement', 'drafted an announcement']) await page.getByRole('article').filter({ hasText: deed }).first().waitFor();
});

test('a job that was stopped by mistake goes on', async () => {
  await makeMany(server, 'Shop', 300);
  const { createAnnouncement } = await server.ask<{ createAnnouncement: { announcement: { id: string } } }>('mutation { createAnnouncement(input: {text: "Sale", channels: {search: "shop"}}) { announcement { id } } }');
  const { id } = createAnnouncement.announcement;
  await server.ask('mutation ($id: String!) { sendAnnouncement(input: {id: $id}) { announcement { id } } stopJob(input: {id: $id}) { job { id } } }', { id });
  await open();
  await visit.signIn(`/announcements/${id}`);
  await page.getByText('Stopped', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Go on with the rest: Sending' }).waitFor();
  await visit.signIn('/jobs');
  const job = page.locator(`[data-job="${id}"]`);
  await visit.expectAccessible();
  await job.getByRole('button', { name: /^Go on with the rest/ }).click();
  await job.getByText('300 of 300 done').waitFor();
  expect((await Promise.all(['shop-0', 'shop-295'].map(said))).map((all) => all.map(({ text }) => text))).toEqual([['Sale'], ['Sale']]);
});

test('with the keyboard alone, in Arabic', async () => {
  await open({ locale: 'ar' });
  await visit.signIn('/announcements/new');
  await page.getByRole('listitem').getByText('Branch 7').waitFor();
  const until = (what: string) =>
    expect.poll(async () => {
      const focused = await page.evaluate(() => document.activeElement?.textContent || document.activeElement?.getAttribute('aria-label'));
      if (focused !== what) await page.keyboard.press('Tab');
      return focused;
    }).toBe(what);
  await page.keyboard.press('/');
  await page.keyboard.type('branch-7');
  await until('حدّد القناة');
  await page.keyboard.press('Enter');
  await page.getByRole('status').filter({ hasText: 'قناة واحدة' }).waitFor();
  await page.keyboard.press('Tab');
  await until('اكتب الإعلان');
  await page.keyboard.type('مغلق غدًا');
  await visit.expectAccessible();
  await page.keyboard.press('Control+Enter');
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('أرسل إلى قناة واحدة');
  await visit.expectAccessible();
  await page.getByRole('dialog').getByText('في وقت لاحق').click();
  await page.getByRole('dialog').getByRole('status').getByText('UTC').waitFor();
  await visit.expectAccessible();
  await page.getByRole('dialog').getByText('الآن').click();
  await page.getByRole('dialog').getByRole('button', { name: 'أرسل إلى قناة واحدة' }).press('Enter');
  await page.getByRole('definition').filter({ hasText: 'قناة محدّدة واحدة' }).waitFor();
  await expect.poll(async () => (await said('branch-7')).at(-1)?.text).toBe('مغلق غدًا');
  await visit.expectAccessible();
  for (const place of ['/jobs', '/activity']) {
    await visit.signIn(place);
    await page.locator('[data-job], article').first().waitFor();
    await visit.expectAccessible();
  }
});

test('a draft for all is kept and gone on with, and its mention is told', async () => {
  await open();
  await visit.signIn('/announcements/new');
  await page.getByText('All', { exact: true }).click();
  await writing().fill('Welcome ');
  await writing().press('End');
  await page.keyboard.type('@Ben');
  await page.getByRole('option', { name: /Ben Okafor/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Save draft' }).click();
  await toast('Draft saved.').waitFor();
  await page.getByRole('listitem').filter({ hasText: 'Welcome' }).getByText('Draft', { exact: true }).waitFor();
  await page.getByRole('link', { name: /^Welcome/ }).click();
  await expect.poll(() => writing().inputValue()).toMatch(/^Welcome @Ben Okafor/);
  expect(await page.getByRole('radio', { name: 'All', exact: true }).isChecked()).toBe(true);
  await page.getByRole('button', { name: 'Check and send…' }).click();
  await page.getByRole('dialog', { name: 'Send the announcement?' }).getByRole('button', { name: /^Send to \d+ channels/ }).click();
  await page.getByText(/^(\d+) of \1 done/).waitFor();
  const { messages } = await server.ask<{ messages: { nodes: { mentionedUsers: object[] }[] } }>('{ messages(cid: "livestream:branch-0", last: 1) { nodes { mentionedUsers { id } } } }');
  expect(messages.nodes).toEqual([{ mentionedUsers: [{ id: 'ben' }] }]);
});

test('what another clerk changed since is shown and not overwritten: a draft, its sending, an edit everywhere', async () => {
  await open();
  const { createAnnouncement } = await server.ask<{ createAnnouncement: { announcement: { id: string } } }>('mutation { createAnnouncement(input: {text: "Open at nine", channels: {cids: ["livestream:branch-3"]}}) { announcement { id } } }');
  const { id } = createAnnouncement.announcement;
  const other = (text: string) => server.ask('mutation ($i: UpdateAnnouncementInput!) { updateAnnouncement(input: $i) { announcement { id } } }', { i: { id, text, channels: { cids: ['livestream:branch-3'] } } });
  const conflict = (within: Locator) => within.getByRole('alert').filter({ hasText: 'Somebody else changed this' });
  await visit.signIn(`/announcements/${id}`);
  await writing().fill('Open at ten');
  await other('Open at eight');
  await page.getByRole('button', { name: 'Check and send…' }).click();
  await conflict(page.getByRole('main')).getByText('Open at eight').waitFor();
  await conflict(page.getByRole('main')).getByText('Open at ten').waitFor();
  await visit.expectAccessible();
  await page.getByRole('button', { name: 'Save mine all the same' }).click();
  const dialog = page.getByRole('dialog', { name: 'Send the announcement?' });
  await dialog.getByRole('button', { name: 'Send to 1 channel' }).waitFor();

  await other('Open at seven');
  await dialog.getByRole('button', { name: 'Send to 1 channel' }).click();
  await conflict(dialog).getByText('Open at seven').waitFor();
  expect(await said('branch-3')).not.toContainEqual(expect.objectContaining({ text: 'Open at ten' }));
  await dialog.getByRole('button', { name: 'Send to 1 channel' }).click();
  await page.getByText('1 of 1 done').waitFor();
  expect(await said('branch-3')).toContainEqual(expect.objectContaining({ text: 'Open at seven' }));

  await page.getByRole('button', { name: 'Edit everywhere…' }).click();
  const edit = page.getByRole('dialog');
  await edit.getByRole('textbox', { name: 'Write the announcement' }).fill('Open at noon');
  await server.ask('mutation ($id: String!) { editAnnouncement(input: {id: $id, text: "Closed"}) { job { id } } }', { id });
  await expect.poll(async () => (await said('branch-3')).map(({ text }) => text)).toContain('Closed');
  await expect.poll(async () => (await server.ask<{ announcement: { edit: { state: string } } }>('query ($id: String!) { announcement(id: $id) { edit { state } } }', { id })).announcement.edit.state).toBe('DONE');
  await page.keyboard.press('Control+Enter');
  await conflict(edit).getByText('Closed').waitFor();
  await visit.expectAccessible();
  await edit.getByRole('button', { name: 'Save mine all the same' }).click();
  await expect.poll(async () => (await said('branch-3')).map(({ text }) => text)).toContain('Open at noon');
});
