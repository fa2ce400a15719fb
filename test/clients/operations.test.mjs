// The five documented operations through Apollo Client, sent in the document's own
// words, and what is additive to them. Each test makes the channels that it needs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { gql } from '@apollo/client';

import { apollo } from './apollo.mjs';
import { allChannelsAnswer, operation } from './document.mjs';
import {
  CHANNEL,
  CHANNELS,
  CHAT_USERS,
  DELETE_MESSAGE,
  FREEZE_CHANNEL,
  MESSAGES,
  UPSERT_CHAT_USERS,
} from './additive.mjs';
import { startServer } from './server.mjs';

const ALL_CHANNELS = gql(operation('AllChannels'));
const CREATE_OR_UPDATE_CHANNEL = gql(operation('CreateOrUpdateChannel'));
const DELETE_CHANNELS = gql(operation('DeleteChannels'));
const SEND_MESSAGE_TO_CHANNEL = gql(operation('SendMessageToChannel'));
const SET_ROLE_TO_USERS_ON_CHAT = gql(operation('SetRoleToUsersOnChat'));

let server, client;

before(async () => {
  server = await startServer('--media-base-url', 'https://example.com/images');
  client = apollo(server.url, server.token);
});

after(() => server?.stop());

// ---- How the tests ask. Each answers with data, and rejects where there are errors.

async function mutate(mutation, input, { by = client, key } = {}) {
  const context = key ? { headers: { 'Idempotency-Key': key } } : undefined;
  const { data } = await by.mutate({ mutation, variables: { input }, context });
  return data;
}

async function query(document, variables, by = client) {
  const { data } = await by.query({ query: document, variables });
  return data;
}

const save = (input, options) => mutate(CREATE_OR_UPDATE_CHANNEL, input, options);
const remove = (cids, options) => mutate(DELETE_CHANNELS, { cids }, options);
const send = (input, options) => mutate(SEND_MESSAGE_TO_CHANNEL, input, options);
const setRole = (userId, role) => mutate(SET_ROLE_TO_USERS_ON_CHAT, { userId, role });
const channel = async (cid) => (await query(CHANNEL, { cid })).channel;
const messages = async (cid) => (await query(MESSAGES, { cid, first: 200 })).messages.nodes;
const codes = (...wanted) => (error) => {
  assert.deepEqual(error.errors?.map((e) => e.extensions.code), wanted, error);
  return true;
};

// ---- allChannels

test('allChannels: an empty chat has an empty list', async () => {
  assert.deepEqual(await query(ALL_CHANNELS), { allChannels: [] });
});

test('allChannels: the answer is the document’s example, byte for byte as JSON goes', async () => {
  await save({ name: 'Support Channel', id: 'support' });
  await save({ name: 'Announcements', avatarFilename: 'announcement-avatar.png' });

  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${server.token}` },
    body: JSON.stringify({ query: operation('AllChannels') }),
  });
  assert.equal(await response.text(), JSON.stringify(allChannelsAnswer));
});

test('allChannels: through Apollo exactly the document’s keys, and Apollo’s __typename', async () => {
  const typed = allChannelsAnswer.data.allChannels.map((c) => ({ __typename: 'ChatStreamChannelsBoResponse', ...c }));
  assert.deepEqual(await query(ALL_CHANNELS), { allChannels: typed });
});

test('allChannels: ordered by name whatever its case, then by cid, and equal each time', async () => {
  for (const [type, id, name] of [
    ['Team', 'order-1', 'order b'],
    ['Livestream', 'order-2', 'Order C'],
    ['Gaming', 'order-3', 'order B'],
    ['Commerce', 'order-4', 'ORDER A'],
    ['Messaging', 'order-1', 'order b'],
  ]) {
    await save({ type, id, name });
  }
  const first = (await query(ALL_CHANNELS)).allChannels;
  assert.deepEqual(
    first.filter((c) => c.id.startsWith('order-')).map((c) => c.cid),
    ['commerce:order-4', 'gaming:order-3', 'messaging:order-1', 'team:order-1', 'livestream:order-2'],
  );
  assert.deepEqual((await query(ALL_CHANNELS)).allChannels, first);
});

// ---- createOrUpdateChannel

test('createOrUpdateChannel: answers true; without a type the channel is a livestream', async () => {
  assert.deepEqual(await save({ name: 'Without type' }), { createOrUpdateChannel: true });
  const { createdAt, updatedAt, ...made } = await channel('livestream:without-type');
  assert.deepEqual(made, {
    __typename: 'Channel',
    id: 'without-type',
    cid: 'livestream:without-type',
    type: 'livestream',
    name: 'Without type',
    avatar: null,
    frozen: false,
    messageCount: 0,
    createdBy: 'clerk',
    lastMessageAt: null,
  });
  assert.match(createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
  assert.ok(updatedAt >= createdAt);
});

test('createOrUpdateChannel: each of the five types, and null for the default', async () => {
  for (const [type, cid] of [
    ['Livestream', 'livestream:typed'],
    ['Messaging', 'messaging:typed'],
    ['Team', 'team:typed'],
    ['Gaming', 'gaming:typed'],
    ['Commerce', 'commerce:typed'],
    [null, 'livestream:typed-2'],
  ]) {
    await save({ name: 'Typed', type });
    assert.equal((await channel(cid))?.name, 'Typed', cid);
  }
});

test('createOrUpdateChannel: the id is made from the name, and numbered where it is taken', async () => {
  for (const [name, cid] of [
    ['Field & Sales: North', 'livestream:field-sales-north'],
    ['field  sales (north)', 'livestream:field-sales-north-2'],
    ['FIELD SALES NORTH', 'livestream:field-sales-north-3'],
    ['Über uns', 'livestream:uber-uns'],
    ['Новости', 'livestream:novosti'],
  ]) {
    await save({ name });
    assert.equal((await channel(cid))?.name, name, cid);
  }
});

test('createOrUpdateChannel: twenty of one name at once all succeed, under different ids', async () => {
  const done = await Promise.all(Array.from({ length: 20 }, () => save({ name: 'At once' })));
  assert.ok(done.every((data) => data.createOrUpdateChannel === true));
  const ids = (await query(CHANNELS, { search: 'At once', first: 200 })).channels.nodes.map((c) => c.id);
  const wanted = Array.from({ length: 20 }, (_, i) => (i === 0 ? 'at-once' : `at-once-${i + 1}`));
  assert.deepEqual(ids.sort(), wanted.sort());
});

test('createOrUpdateChannel: an id that does not exist yet is created under that id', async () => {
  await save({ id: 'My_own-id!', name: 'Own id' });
  assert.equal((await channel('livestream:My_own-id!')).name, 'Own id');
});

test('createOrUpdateChannel: an update sets the name, and the avatar as it is told to', async () => {
  const update = async (input) => {
    assert.deepEqual(await save({ id: 'updated', ...input }), { createOrUpdateChannel: true });
    const { name, avatar } = await channel('livestream:updated');
    return [name, avatar];
  };
  const url = (file) => `https://example.com/images/${file}`;
  assert.deepEqual(await update({ name: 'One', avatarFilename: 'one.png' }), ['One', url('one.png')]);
  assert.deepEqual(await update({ name: 'Two' }), ['Two', url('one.png')], 'left out: kept');
  assert.deepEqual(await update({ name: 'Two', avatarFilename: 'two.JPG' }), ['Two', url('two.JPG')], 'a value: replaced');
  assert.deepEqual(await update({ name: ' Two ', avatarFilename: null }), ['Two', null], 'null: removed');
  assert.deepEqual(await update({ name: 'Two' }), ['Two', null], 'left out: still none');
});

test('createOrUpdateChannel: the type selects the channel and never changes', async () => {
  await save({ id: 'selected', name: 'The livestream' });
  await save({ id: 'selected', name: 'The team', type: 'Team' });
  assert.equal((await channel('livestream:selected')).name, 'The livestream');
  assert.equal((await channel('team:selected')).name, 'The team');
});

test('allChannels: two channels of one id stay two, in a cache that keeps them by cid', async () => {
  await save({ id: 'twins', name: 'Twins' });
  await save({ id: 'twins', name: 'Twins', type: 'Team' });
  const twins = (await query(ALL_CHANNELS)).allChannels.filter((c) => c.id === 'twins');
  assert.deepEqual(twins.map((c) => [c.cid, c.type]), [
    ['livestream:twins', 'livestream'],
    ['team:twins', 'team'],
  ]);
});

// ---- deleteChannels

test('deleteChannels: answers true, and true again, and takes the messages along', async () => {
  await save({ id: 'gone', name: 'Gone' });
  await save({ id: 'gone', name: 'Gone', type: 'Team' });
  await save({ id: 'kept', name: 'Kept' });
  await send({ channelId: 'gone', text: 'soon gone' });

  const cids = ['livestream:gone', 'team:gone', 'livestream:gone', 'commerce:never-was'];
  assert.deepEqual(await remove(cids), { deleteChannels: true });
  assert.equal(await channel('livestream:gone'), null);
  assert.equal(await channel('team:gone'), null);
  assert.deepEqual(await remove(cids), { deleteChannels: true }, 'a retry');
  assert.equal((await channel('livestream:kept')).name, 'Kept');

  await save({ id: 'gone', name: 'Back' });
  assert.deepEqual(await messages('livestream:gone'), []);
});

// ---- sendMessageToChannel

test('sendMessageToChannel: pictures and videos, links and mentions carry over', async () => {
  server.importUsers([
    { id: 'mia', name: 'Mia' },
    { id: 'max@crm.example', name: 'Max', role: 'ADMIN' },
  ]);
  await save({ id: 'carried', name: 'Carried', type: 'Team' });
  const sent = await send({
    channelId: 'carried',
    type: 'Team',
    text: 'Grüße 👋🏽',
    attachments: [
      { title: 'Picture', titleLink: 'https://example.com/page', assetUrl: 'https://example.com/a/EVENT.JPG?x=1#y' },
      { title: '', assetUrl: 'http://example.com/film%2Emp4' },
    ],
    mentionedUsersIds: ['max@crm.example', 'mia', 'mia'],
  });
  assert.deepEqual(sent, { sendMessageToChannel: true });

  const [message] = await messages('team:carried');
  assert.equal(message.text, 'Grüße 👋🏽');
  assert.equal(message.cid, 'team:carried');
  assert.deepEqual(message.sender, { __typename: 'ChatUser', id: 'clerk', name: 'Back-office clerk', role: 'USER' });
  assert.deepEqual(message.attachments, [
    {
      __typename: 'Attachment',
      type: 'image',
      title: 'Picture',
      titleLink: 'https://example.com/page',
      assetUrl: 'https://example.com/a/EVENT.JPG?x=1#y',
      imageUrl: 'https://example.com/a/EVENT.JPG?x=1#y',
    },
    {
      __typename: 'Attachment',
      type: 'video',
      title: '',
      titleLink: null,
      assetUrl: 'http://example.com/film%2Emp4',
      imageUrl: null,
    },
  ]);
  assert.deepEqual(
    message.mentionedUsers.map((u) => [u.id, u.name, u.role]),
    [
      ['max@crm.example', 'Max', 'ADMIN'],
      ['mia', 'Mia', 'USER'],
    ],
  );
});

test('sendMessageToChannel: every file type of the document, in any case', async () => {
  await save({ id: 'files', name: 'Files' });
  const files = ['png', 'jpg', 'jpeg', 'mp4', 'avi', 'mov', 'flv', 'PNG', 'Jpeg', 'FLV'];
  await send({
    channelId: 'files',
    text: '',
    attachments: files.map((ext) => ({ title: ext, assetUrl: `https://example.com/file.${ext}` })),
  });
  const [{ attachments }] = await messages('livestream:files');
  assert.deepEqual(
    attachments.map((a) => a.type),
    ['image', 'image', 'image', 'video', 'video', 'video', 'video', 'image', 'image', 'video'],
  );
});

test('sendMessageToChannel: without type, attachments and mentions; null for each of them', async () => {
  await save({ id: 'plain', name: 'Plain' });
  await send({ channelId: 'plain', text: 'one' });
  await send({ channelId: 'plain', text: 'two', attachments: null, mentionedUsersIds: null, type: null });
  await send({ channelId: 'plain', text: 'three', attachments: [], mentionedUsersIds: [] });
  assert.deepEqual(
    (await messages('livestream:plain')).map((m) => [m.seq, m.text, m.attachments, m.mentionedUsers]),
    [
      [1, 'one', [], []],
      [2, 'two', [], []],
      [3, 'three', [], []],
    ],
  );
  const { messageCount, lastMessageAt } = await channel('livestream:plain');
  assert.equal(messageCount, 3);
  assert.ok(lastMessageAt);
});

test('sendMessageToChannel: the sender is the caller, who becomes a chat user', async () => {
  await save({ id: 'greeted', name: 'Greeted' });
  const by = apollo(server.url, server.mint('--sub', 'greta', '--name', 'Greta', '--role', 'AGENT,BO'));
  await send({ channelId: 'greeted', text: 'hello' }, { by });
  const [{ sender }] = await messages('livestream:greeted');
  assert.deepEqual(sender, { __typename: 'ChatUser', id: 'greta', name: 'Greta', role: 'USER' });
  assert.deepEqual((await query(CHAT_USERS, { search: 'greta' })).chatUsers.nodes.map((u) => u.id), ['greta']);
});

// ---- setRoleToUsersOnChat

test('setRoleToUsersOnChat: each role is stored, and setting it again answers true', async () => {
  await mutate(UPSERT_CHAT_USERS, { users: [{ id: 'rolf', name: 'Rolf' }] });
  for (const role of ['MODERATOR', 'ADMIN', 'ADMIN', 'USER']) {
    assert.deepEqual(await setRole('rolf', role), { setRoleToUsersOnChat: true });
    assert.equal((await query(CHAT_USERS, { search: 'rolf' })).chatUsers.nodes[0].role, role);
  }
});

test('setRoleToUsersOnChat: a role takes effect on the user’s very next action', async () => {
  await mutate(UPSERT_CHAT_USERS, { users: [{ id: 'moe', name: 'Moe' }] });
  await save({ id: 'moderated', name: 'Moderated' });
  for (const text of ['one', 'two', 'three']) await send({ channelId: 'moderated', text });
  const [one, two, three] = await messages('livestream:moderated');

  const moe = { by: apollo(server.url, server.mint('--sub', 'moe', '--role', 'AGENT')) };
  const cid = 'livestream:moderated';
  const erase = (message, options) => mutate(DELETE_MESSAGE, { cid, messageId: message.id }, options);
  const freeze = (frozen, options) => mutate(FREEZE_CHANNEL, { cid, frozen }, options);
  const refused = async () => {
    await assert.rejects(erase(three, moe), codes('UNAUTHORIZED'));
    await assert.rejects(freeze(true, moe), codes('UNAUTHORIZED'));
  };

  await refused();
  for (const [role, message] of [
    ['MODERATOR', one],
    ['ADMIN', two],
  ]) {
    await setRole('moe', role);
    assert.equal((await erase(message, moe)).deleteMessage.messageId, message.id);
    assert.equal((await freeze(true, moe)).freezeChannel.channel.frozen, true);
    assert.equal((await freeze(false, moe)).freezeChannel.channel.frozen, false);
    await assert.rejects(query(ALL_CHANNELS, {}, moe.by), codes('UNAUTHORIZED'), 'a chat role is no CRM role');
    await setRole('moe', 'USER');
    await refused();
  }
  assert.deepEqual((await messages(cid)).map((m) => [m.seq, m.text, m.deletedAt !== null]), [
    [1, '', true],
    [2, '', true],
    [3, 'three', false],
  ]);
});

test('deleteMessage: a user may delete what it sent itself', async () => {
  await save({ id: 'own', name: 'Own' });
  await send({ channelId: 'own', text: 'mine' }, { by: apollo(server.url, server.mint('--sub', 'olga', '--role', 'BO')) });
  const [{ id }] = await messages('livestream:own');
  const olga = apollo(server.url, server.mint('--sub', 'olga'));
  assert.equal((await mutate(DELETE_MESSAGE, { cid: 'livestream:own', messageId: id }, { by: olga })).deleteMessage.messageId, id);
});

// ---- Idempotency-Key

test('Idempotency-Key: a retry answers the same and does nothing more', async () => {
  await save({ id: 'retried', name: 'Retried' });
  const message = { channelId: 'retried', text: 'once' };
  assert.deepEqual(await send(message, { key: 'k-1' }), { sendMessageToChannel: true });
  assert.deepEqual(await send(message, { key: 'k-1' }), { sendMessageToChannel: true });
  await Promise.all(Array.from({ length: 10 }, () => send(message, { key: 'k-2' })));
  assert.equal((await messages('livestream:retried')).length, 2);

  await save({ name: 'Made once' }, { key: 'k-3' });
  await save({ name: 'Made once' }, { key: 'k-3' });
  assert.equal(await channel('livestream:made-once-2'), null);
});

test('Idempotency-Key: a deletion that is retried spares a channel made since', async () => {
  await save({ id: 'phoenix', name: 'Phoenix' });
  await remove(['livestream:phoenix'], { key: 'k-4' });
  await save({ id: 'phoenix', name: 'Phoenix again' });
  assert.deepEqual(await remove(['livestream:phoenix'], { key: 'k-4' }), { deleteChannels: true });
  assert.equal((await channel('livestream:phoenix')).name, 'Phoenix again');
});

test('Idempotency-Key: a refusal is answered again, too', async () => {
  const message = { channelId: 'not-yet', text: 'early' };
  await assert.rejects(send(message, { key: 'k-5' }), codes('NOT_FOUND'));
  await save({ id: 'not-yet', name: 'Not yet' });
  await assert.rejects(send(message, { key: 'k-5' }), codes('NOT_FOUND'));
  assert.deepEqual(await send(message, { key: 'k-6' }), { sendMessageToChannel: true });
});

test('Idempotency-Key: each caller has its own keys', async () => {
  await save({ id: 'shared-key', name: 'Shared key' });
  const other = apollo(server.url, server.mint('--sub', 'other', '--role', 'BO'));
  await send({ channelId: 'shared-key', text: 'one' }, { key: 'k-7' });
  await send({ channelId: 'shared-key', text: 'two' }, { key: 'k-7', by: other });
  assert.deepEqual((await messages('livestream:shared-key')).map((m) => m.text), ['one', 'two']);
});

// ---- Additive queries and mutations

test('channel: null where there is none', async () => {
  assert.equal(await channel('livestream:nowhere'), null);
});

test('channels: pages to the end hold what allChannels lists, in its order', async () => {
  await Promise.all(Array.from({ length: 30 }, (_, i) => save({ name: `Page ${i % 10}`, type: i % 2 ? 'Team' : null })));
  const walk = (variables) => pages(CHANNELS, 'channels', { first: 7, ...variables }, (c) => c.cid);
  const everything = (await query(ALL_CHANNELS)).allChannels;

  assert.deepEqual(await walk({}), everything.map((c) => c.cid));
  assert.deepEqual(await walk({ type: 'Team' }), everything.filter((c) => c.type === 'team').map((c) => c.cid));
  const found = everything.filter((c) => c.name.startsWith('Page ')).map((c) => c.cid);
  assert.equal(found.length, 30);
  assert.deepEqual(await walk({ search: 'pAGE ' }), found);
});

test('messages: pages forward and backward hold each message once, oldest first', async () => {
  await save({ id: 'long', name: 'Long' });
  for (let i = 1; i <= 25; i++) await send({ channelId: 'long', text: `${i}` });
  const cid = 'livestream:long';
  const wanted = Array.from({ length: 25 }, (_, i) => i + 1);

  assert.deepEqual(await pages(MESSAGES, 'messages', { cid, first: 10 }, (m) => m.seq), wanted);

  const backward = [];
  let before = null;
  do {
    const { messages: page } = await query(MESSAGES, { cid, last: 10, before });
    backward.unshift(...page.nodes.map((m) => m.seq));
    assert.equal(page.pageInfo.hasNextPage, before !== null);
    before = page.pageInfo.hasPreviousPage ? page.pageInfo.startCursor : null;
  } while (before);
  assert.deepEqual(backward, wanted);
});

test('upsertChatUsers: creates, changes, and keeps the role that is left out; chatUsers pages', async () => {
  const users = Array.from({ length: 12 }, (_, i) => ({ id: `batch-${i}`, name: `Batch ${i}`, role: 'MODERATOR' }));
  const made = await mutate(UPSERT_CHAT_USERS, { users });
  assert.deepEqual(
    made.upsertChatUsers.users.map(({ id, name, role }) => ({ id, name, role })),
    users,
  );
  await mutate(UPSERT_CHAT_USERS, { users: [{ id: 'batch-3', name: 'Renamed batch' }] });

  const found = await pages(CHAT_USERS, 'chatUsers', { first: 5, search: 'batch' }, (u) => `${u.id} ${u.name} ${u.role}`);
  assert.equal(found.length, 12);
  assert.equal(found.at(-1), 'batch-3 Renamed batch MODERATOR');
});

/** Follows a connection to its end, checking that the pages fit each other. */
async function pages(document, field, variables, key) {
  const all = [];
  let after = null;
  do {
    const { [field]: page } = await query(document, { ...variables, after });
    assert.ok(page.nodes.length <= variables.first);
    assert.deepEqual(page.edges.map((e) => key(e.node)), page.nodes.map(key));
    assert.equal(page.pageInfo.hasPreviousPage, after !== null);
    assert.equal(page.pageInfo.startCursor, page.edges[0]?.cursor ?? null);
    assert.equal(page.pageInfo.endCursor, page.edges.at(-1)?.cursor ?? null);
    all.push(...page.nodes.map(key));
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after);
  return all;
}
