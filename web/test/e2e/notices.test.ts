import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server as Receiver } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { launch, Visit } from '../browser.ts';
import { mint, pause, Server } from '../server.ts';

// After whatever the console changes, the notice offers Undo if and only if the record says that it can be undone.

const console_ = new URL('../../console/', import.meta.url);
const documents = readdirSync(console_, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.graphql'))
  .flatMap((file) => [...readFileSync(new URL(file, console_), 'utf8').matchAll(/^mutation (\w+)/gm)].map(([, name]) => name ?? ''));
const bulk = /enum BulkOperation \{([\s\S]*?)\n\}/.exec(readFileSync(new URL('../../../internal/graph/schema/plan.graphqls', import.meta.url), 'utf8'))?.[1]?.match(/^ {2}[A-Z_]+$/gm)?.map((each) => each.trim()) ?? [];

/** Mutations after which no notice comes, and what comes instead. */
const QUIET: Record<string, string> = {
  CreateUserToken: 'the token', CreateWebhook: 'its secret', RotateWebhookSecret: 'the secrets', RevealWebhookSecrets: 'the secrets', TestWebhook: 'the answer', EraseNow: 'what went',
  SendMessageToChannel: 'the message', PostSample: 'the message', ImportUsers: 'the import’s own button', SendAnnouncement: 'its progress', Undo: 'tested below',
  PauseJob: 'its state', ResumeJob: 'its state', StopJob: 'its state', RetryJob: 'its state',
};

interface Row {
  /** The mutation that it sends; with the operation of a plan after it. */
  sends: string;
  what: string;
  act(): Promise<unknown>;
  notice: string | RegExp;
  undo: boolean;
  /** Whether it is for the sender alone, which the record doesn't say. */
  own?: boolean;
}

let browser: Browser;
let server: Server;
let receiver: Receiver;
let visit: Visit;
let page: Page;

const NORA = mint({ sub: 'nora', name: 'Nora Lind' });
const before = (mutation: string) => server.ask(`mutation { ${mutation} }`, {}, NORA);
const dialog = () => page.getByRole('dialog');
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
const menu = async (name: string, item: string) => {
  await button(name).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
};

beforeAll(async () => {
  receiver = createServer(({ url }, response) => response.writeHead(url === '/broken' ? 503 : 204).end());
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  [browser, server] = await Promise.all([launch(), Server.start('--dev')]); // which calls private addresses
  await before('upsertChatUsers(input: {users: [{id: "anna", name: "Anna Berg"}, {id: "ben", name: "Ben Okafor"}, {id: "clerk", name: "Clara Clerk"}]}) { users { id } }');
  await before(['news', 'gone', 'many-0', 'many-1', 'many-2'].map((id, n) => `c${n}: createOrUpdateChannel(input: {id: "${id}", name: "${id}"})`).join('\n'));
  await server.ask('mutation { sendMessageToChannel(input: {channelId: "news", text: "of a customer"}) }', {}, mint({ sub: 'anna', name: 'Anna Berg' }));
  await server.ask('mutation { sendMessageToChannel(input: {channelId: "news", text: "of my own"}) }');
  await before(`createWebhook(input: {url: "${address}", description: "The CRM"}) { webhook { id } }`);
  // What it is told of a channel that is gone by the next try is given up.
  const { createWebhook } = await server.ask<{ createWebhook: { webhook: { id: string } } }>(`mutation { createWebhook(input: {url: "${address}broken", description: "The old CRM", events: ["message.new"]}) { webhook { id } } }`, {}, NORA);
  await before('createOrUpdateChannel(input: {id: "brief", name: "brief"})');
  await before('sendMessageToChannel(input: {channelId: "brief", text: "not told"})');
  const failed = async () => (await server.ask<{ webhookDeliveries: { nodes: object[] } }>('query ($id: String!) { webhookDeliveries(id: $id) { nodes { id } } }', createWebhook.webhook)).webhookDeliveries.nodes;
  while ((await failed()).length === 0) await pause(100);
  await before('deleteChannels(input: {cids: ["livestream:brief"]})');
  const crowd = Array.from({ length: 201 }, (_, n) => ({ id: `crowd-${n}`, name: `Crowd ${n}` })); // more than a page
  await server.ask('mutation ($u: [ChatUserInput!]!) { upsertChatUsers(input: {users: $u}) { users { id } } }', { u: crowd }, NORA);
  visit = await Visit.open(browser, server);
  page = visit.page;
  await visit.signIn();
});
afterAll(async () => {
  await visit?.close();
  await browser?.close();
  await server?.close();
  receiver?.close();
});
const message = async (text: string, key: string) => {
  await visit.go('/channels/livestream:news');
  await page.getByRole('article').filter({ hasText: text }).focus();
  await page.keyboard.press(key);
};
const member = async (item: string) => {
  await visit.go('/channels/livestream:news?members');
  await dialog().getByRole('button', { name: 'What to do with Ben Okafor' }).click();
  await page.getByRole('menuitem', { name: item }).click();
};
const channels = async (search: string) => {
  await visit.go(`/channels?search=${search}`);
  await page.getByRole('grid').getByRole('checkbox').first().check(); // all that match
};
const one = async (name: string) => {
  await visit.go(`/channels?search=${name}`);
  await page.getByRole('checkbox', { name: `Select ${name}` }).check();
};
const planned = async (submit: string | RegExp) => {
  await dialog().getByText('It can be undone').or(dialog().getByText('They go to the bin')).waitFor();
  await dialog().getByRole('button', { name: submit, exact: true }).click();
};
const people = async (way: 'Add members…' | 'Remove members…', submit: string) => {
  await channels('many');
  await menu('Members…', way);
  await dialog().getByRole('combobox').fill('anna');
  await page.getByRole('option', { name: /Anna Berg/ }).click();
  await page.keyboard.press('Escape');
  await planned(submit);
};
const users = async (item: string, submit: string) => {
  await visit.go('/users?search=anna');
  await page.getByRole('checkbox', { name: 'Select Anna Berg' }).check();
  await menu('Restrict', item);
  await planned(submit);
};
const user = async (item: string, submit?: string) => {
  await visit.go('/users?search=ben');
  await menu('Actions for Ben Okafor (ben)', item);
  if (submit !== undefined) await dialog().getByRole('button', { name: submit, exact: true }).click();
};
const announcement = async (submit: 'Save draft' | 'Check and send…', text: string) => {
  await visit.go('/announcements/new');
  await page.getByText('All', { exact: true }).click();
  await page.getByRole('textbox', { name: 'Write the announcement' }).fill(text);
  await button(submit).click();
};
const opened = async (link: string) => {
  await visit.go('/announcements');
  await page.getByRole('link', { name: link }).click();
};
const webhook = async (item: string, name = 'The CRM') => {
  await visit.go('/webhooks');
  await menu(`Actions for ${name}`, item);
};

const ROWS: Row[] = [
  { sends: 'CreateOrUpdateChannel', what: 'a new channel', undo: false, notice: 'Created fresh', act: async () => {
    await visit.go('/channels');
    await button('New channel').click();
    await dialog().getByLabel('Name').fill('fresh');
    await page.keyboard.press('Control+Enter');
  } },
  { sends: 'CreateOrUpdateChannel', what: 'another name', undo: true, notice: 'Renamed news', act: async () => {
    await visit.go('/channels?edit=livestream:news');
    await dialog().getByLabel('Name').fill('news of today');
    await page.keyboard.press('Control+Enter');
  } },
  { sends: 'FreezeChannel', what: 'a channel of the list', undo: true, notice: '1 channel frozen', act: async () => {
    await one('many-1');
    await button('Freeze').click();
  } },
  { sends: 'DeleteChannels', what: 'a channel of the list', undo: true, notice: '1 channel deleted', act: async () => {
    await one('gone');
    await button('Delete').click();
    await dialog().getByLabel('Type 1').fill('1');
    await page.keyboard.press('Enter');
  } },
  { sends: 'ChannelFreeze', what: 'the channel', undo: true, notice: 'Frozen: only', act: async () => {
    await visit.go('/channels/livestream:news');
    await menu('More', 'Freeze');
  } },
  { sends: 'ChannelAddMembers', what: 'a member', undo: true, notice: '1 member added.', act: async () => {
    await visit.go('/channels/livestream:news?members');
    await dialog().getByRole('combobox', { name: 'Add members' }).fill('ben');
    await dialog().getByRole('option', { name: /Ben/ }).click();
    await page.keyboard.press('Escape');
    await dialog().getByRole('button', { name: 'Add', exact: true }).click();
  } },
  { sends: 'ChannelSetRoles', what: 'a member’s role', undo: true, notice: 'Ben Okafor (ben) is now', act: () => member('Make moderator of the chat') },
  { sends: 'ChannelRemoveMembers', what: 'a member', undo: true, notice: '1 member removed.', act: () => member('Remove from the channel') },
  { sends: 'ChannelPinMessage', what: 'a message', undo: true, notice: 'Pinned.', act: () => message('of a customer', 'p') },
  { sends: 'ChannelEditMessage', what: 'other words', undo: true, notice: 'The message is changed.', act: async () => {
    await message('of a customer', 'e');
    await dialog().getByRole('textbox').fill('of a customer, in other words');
    await page.keyboard.press('Control+Enter');
  } },
  { sends: 'ChannelDeleteMessage', what: 'another’s message', undo: true, notice: 'The message is deleted.', act: async () => {
    await message('of a customer', 'Delete');
    await dialog().getByRole('button', { name: 'Delete the message' }).click();
  } },
  { sends: 'ChannelDeleteMessage', what: 'a message of one’s own', undo: true, own: true, notice: 'The message is deleted.', act: async () => {
    await message('of my own', 'Delete');
    await dialog().getByRole('button', { name: 'Delete the message' }).click();
  } },
  { sends: 'SetRoles', what: 'a role', undo: true, notice: 'Role of 1 user changed.', act: async () => {
    await visit.go('/users?search=anna');
    await menu('Actions for Anna Berg (anna)', 'Change role…');
    await dialog().getByRole('radio', { name: 'Admin' }).check();
    await dialog().getByRole('button', { name: 'Change role' }).click();
  } },
  { sends: 'BanUser', what: 'a user', undo: true, notice: /is banned until/, act: () => user('Ban…', 'Ban') },
  { sends: 'UnbanUser', what: 'a user', undo: true, notice: 'is not banned any more.', act: () => user('Lift the ban') },
  { sends: 'MuteUser', what: 'a user', undo: true, notice: /is muted until/, act: () => user('Mute…', 'Mute') },
  { sends: 'UnmuteUser', what: 'a user', undo: true, notice: 'is not muted any more.', act: () => user('Lift the mute') },

  { sends: 'ApplyPlan FREEZE_CHANNELS', what: 'all that match', undo: true, notice: /channels? frozen/, act: async () => {
    await channels('many');
    await button('Freeze').click();
    await planned('Freeze');
  } },
  { sends: 'ApplyPlan UNFREEZE_CHANNELS', what: 'all that match', undo: true, notice: '3 channels unfrozen', act: async () => {
    await channels('many');
    await button('Unfreeze').click();
    await planned('Unfreeze');
  } },
  { sends: 'ApplyPlan ADD_MEMBERS', what: 'all that match', undo: true, notice: 'Members added to 3 channels', act: () => people('Add members…', 'Add') },
  { sends: 'ApplyPlan ADD_MEMBERS', what: 'those who are members already', undo: false, notice: 'Members added to 3 channels', act: () => people('Add members…', 'Add') },
  { sends: 'ApplyPlan REMOVE_MEMBERS', what: 'all that match', undo: true, notice: 'Members removed from 3 channels', act: () => people('Remove members…', 'Remove') },
  { sends: 'ApplyPlan DELETE_CHANNELS', what: 'all that match', undo: true, notice: '3 channels deleted', act: async () => {
    await channels('many');
    await button('Delete').click();
    await dialog().getByLabel('Type 3').fill('3');
    await planned('Delete 3 channels');
  } },
  { sends: 'ApplyPlan BAN_USERS', what: 'selected users', undo: true, notice: '1 user is banned.', act: () => users('Ban…', 'Ban') },
  { sends: 'ApplyPlan UNBAN_USERS', what: 'selected users', undo: true, notice: 'The ban of 1 user is lifted.', act: () => users('Lift bans…', 'Lift the ban') },
  { sends: 'ApplyPlan MUTE_USERS', what: 'selected users', undo: true, notice: '1 user is muted.', act: () => users('Mute…', 'Mute') },
  { sends: 'ApplyPlan UNMUTE_USERS', what: 'selected users', undo: true, notice: 'The mute of 1 user is lifted.', act: () => users('Lift mutes…', 'Lift the mute') },

  { sends: 'ApplyPlan SET_ROLES', what: 'all that match', undo: true, notice: 'Role of 201 users changed.', act: async () => {
    await visit.go('/users?search=crowd');
    await page.getByRole('checkbox', { name: 'Select Crowd 0' }).check();
    await button('Select all that match').click();
    await button('Change role…').click();
    await dialog().getByRole('radio', { name: 'Moderator' }).check();
    await planned('Change role');
  } },

  { sends: 'CreateAnnouncement', what: 'a draft', undo: false, notice: 'Draft saved.', act: () => announcement('Save draft', 'Closed') },
  { sends: 'UpdateAnnouncement', what: 'a draft', undo: false, notice: 'Draft saved.', act: async () => {
    await opened('Closed');
    await page.getByRole('textbox', { name: 'Write the announcement' }).fill('Closed today');
    await button('Save draft').click();
  } },
  { sends: 'DeleteAnnouncement', what: 'a draft', undo: false, notice: 'Draft deleted.', act: async () => {
    await opened('Closed today');
    await menu('More', 'Delete draft…');
    await dialog().getByText('This can’t be undone.').waitFor();
    await dialog().getByRole('button', { name: 'Delete', exact: true }).click();
  } },
  { sends: 'CancelAnnouncement', what: 'a scheduled one', undo: false, notice: 'It is a draft again.', act: async () => {
    await announcement('Check and send…', 'Later');
    await dialog().getByText('At a time').click();
    await dialog().getByRole('button', { name: 'Schedule' }).click();
    await button('Make it a draft again').click();
  } },
  { sends: 'EditAnnouncement', what: 'everywhere', undo: true, notice: /^The announcement is edited in \d channels\./, act: async () => {
    await announcement('Check and send…', 'Open');
    await dialog().getByRole('button', { name: /^Send to \d channels/ }).click();
    await page.getByText(/^(\d+) of \1 done$/).waitFor();
    await button('Edit everywhere…').click();
    await dialog().getByRole('textbox', { name: 'Write the announcement' }).fill('Open all day');
    await page.keyboard.press('Control+Enter');
  } },
  { sends: 'RecallAnnouncement', what: 'everywhere', undo: true, notice: /^The announcement is recalled from \d channels\./, act: async () => {
    await opened('Open all day');
    await button('Recall everywhere…').click();
    await dialog().getByRole('button', { name: 'Recall everywhere' }).click();
  } },

  { sends: 'UpdateWebhook', what: 'nothing else', undo: false, notice: 'The webhook is changed.', act: async () => {
    await webhook('Edit…');
    await dialog().getByRole('button', { name: 'Save' }).click();
  } },
  { sends: 'UpdateWebhook', what: 'a description', undo: true, notice: 'The webhook is changed.', act: async () => {
    await webhook('Edit…');
    await dialog().getByRole('textbox', { name: 'Description' }).fill('Our CRM');
    await page.keyboard.press('Enter');
  } },
  { sends: 'ReplayWebhook', what: 'from a time', undo: false, notice: 'Everything since then is told again.', act: async () => {
    await webhook('Tell again…', 'Our CRM');
    await dialog().getByLabel('Since').fill(new Date(Date.now() - 3_600_000).toISOString().slice(0, 16));
    await dialog().getByRole('button', { name: 'Tell again' }).click();
  } },
  { sends: 'RetryWebhookDelivery', what: 'what was given up', undo: false, notice: 'It is tried again.', act: async () => {
    await visit.go('/webhooks');
    await page.getByRole('link', { name: 'Deliveries to The old CRM' }).click();
    await page.getByText('The channel was deleted.').waitFor({ timeout: 45_000 }); // the next try is up to 30 s away
    await page.getByRole('button', { name: /^Try again: message\.new/ }).click();
  } },
  { sends: 'DeleteWebhook', what: 'for good', undo: false, notice: 'The webhook is deleted.', act: async () => {
    await webhook('Delete…', 'Our CRM');
    await dialog().getByRole('button', { name: 'Delete', exact: true }).click();
  } },
];

test('each mutation of the console and each operation of a plan has a row', () => {
  const rows = new Set(ROWS.flatMap(({ sends }) => sends.split(' ')));
  expect(documents.length).toBeGreaterThan(30);
  expect(documents.filter((each) => !rows.has(each) && !(each in QUIET))).toEqual([]);
  expect(Object.keys(QUIET).filter((each) => !documents.includes(each) || rows.has(each))).toEqual([]);
  expect(bulk.filter((each) => !rows.has(each))).toEqual([]);
});

test.each(ROWS)('$sends: $what', async ({ act, notice, undo, own = false }) => {
  await act();
  const told = page.getByRole('alert').filter({ hasText: notice });
  await told.waitFor();
  const { changes } = await server.ask<{ changes: { nodes: { canUndo: boolean }[] } }>('{ changes(filter: {by: "clerk"}, first: 1) { nodes { operation canUndo } } }');
  expect(changes.nodes[0]?.canUndo, 'what the record says').toBe(undo && !own);
  expect(await told.getByRole('button', { name: 'Undo' }).count(), 'what the notice offers').toBe(undo ? 1 : 0);
  if (!own) return;
  await told.getByRole('button', { name: 'Undo' }).click();
  const undone = page.getByRole('alert').filter({ hasText: 'Undone.' });
  await undone.waitFor();
  expect(await undone.getByRole('button', { name: 'Undo' }).count(), 'an undo can’t be undone').toBe(0);
  await page.getByRole('article').filter({ hasText: 'of my own' }).waitFor();
});
