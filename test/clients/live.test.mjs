// Live delivery through the clients that apps use: graphql-ws, Apollo's link over
// it, graphql-sse, and a bare WebSocket for the protocol's close codes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ApolloClient, InMemoryCache, gql } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient as createSSE } from 'graphql-sse';
import { createClient as createWS } from 'graphql-ws';
import WebSocket from 'ws';

import { startServer } from './server.mjs';

const EVENTS = `subscription Events($cid: String!, $after: Seq) {
  channelEvents(cid: $cid, after: $after) { seq type message { text } user { id } }
}`;

let server;
let socketURL;
before(async () => {
  server = await startServer();
  socketURL = server.url.replace('http', 'ws');
});
after(() => server.stop());

/** Asks over plain HTTP as the back office, or with another token. */
async function ask(query, variables, token = server.token) {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const answer = await response.json();
  assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
  return answer.data;
}

let rooms = 0;
/** Makes a channel of its own for each test. */
async function room(type = 'Livestream') {
  const id = `room-${(rooms += 1)}`;
  await ask('mutation($i: CreateOrUpdateStreamChatChanelInput!) { createOrUpdateChannel(input: $i) }', { i: { id, name: id, type } });
  return `${type.toLowerCase()}:${id}`;
}

const say = (cid, text, token) => ask(
  'mutation($cid: String!, $text: String!) { sendMessage(input: { cid: $cid, text: $text }) { message { id } } }', { cid, text }, token);

const customer = (id) => server.mint('--sub', id);

function overWebSocket(token = server.token) {
  // Not lazy: a lazy client's own close races with its next subscription.
  return createWS({ url: socketURL, webSocketImpl: WebSocket, lazy: false, retryAttempts: 0, connectionParams: { authorization: `Bearer ${token}` }, onNonLazyError: () => {} });
}

const overSSE = (token = server.token) => createSSE({ url: server.url, headers: { Authorization: `Bearer ${token}` }, retryAttempts: 0 });

/** Takes so many events, then ends the subscription. */
async function take(client, count, variables, act = async () => {}) {
  const events = [];
  const subscription = client.iterate({ query: EVENTS, variables });
  const acted = act();
  for await (const { data, errors } of subscription) {
    assert.equal(errors, undefined, JSON.stringify(errors));
    events.push(data.channelEvents);
    if (events.length === count) break;
  }
  await acted;
  return events;
}

for (const [name, connect] of [['graphql-ws', overWebSocket], ['graphql-sse', overSSE]]) {
  test(`${name}: resumes from the beginning and goes on live, each event once and in order`, async () => {
    const cid = await room();
    for (const text of ['one', 'two', 'three']) await say(cid, text);
    const client = connect();
    const events = await take(client, 6, { cid, after: 0 }, async () => {
      for (const text of ['four', 'five', 'six']) await say(cid, text, customer('ann'));
    });
    client.dispose();
    assert.deepEqual(events.map((e) => `${e.seq} ${e.type} ${e.message.text} ${e.user.id}`), [
      '1 message.new one clerk', '2 message.new two clerk', '3 message.new three clerk',
      '4 message.new four ann', '5 message.new five ann', '6 message.new six ann',
    ]);
  });

  test(`${name}: a customer follows a livestream, and no channel of others`, async () => {
    const [open, closed] = [await room(), await room('Team')];
    const client = connect(customer('bob'));
    await say(open, 'hello');
    assert.equal((await take(client, 1, { cid: open, after: 0 }))[0].message.text, 'hello');
    await assert.rejects(take(client, 1, { cid: closed, after: 0 }), (error) => {
      assert.match(JSON.stringify(error), /UNAUTHORIZED/);
      return true;
    });
    client.dispose();
  });

  test(`${name}: a resumption from too far says REFETCH`, async () => {
    const cid = await room();
    const client = connect();
    await assert.rejects(take(client, 1, { cid, after: 1000 }), (error) => {
      assert.match(JSON.stringify(error), /REFETCH/);
      return true;
    });
    client.dispose();
  });

  test(`${name}: deleting the channel ends the subscription with NOT_FOUND`, async () => {
    const cid = await room();
    const client = connect();
    await say(cid, 'the last words');
    const ended = new Promise((resolve) => {
      client.subscribe({ query: EVENTS, variables: { cid, after: 0 } }, {
        next: async ({ data, errors }) => {
          if (errors) resolve(errors); // server-sent events have no message for an error
          else await ask('mutation($c: [String!]!) { deleteChannels(input: { cids: $c }) }', { c: [cid] });
        },
        error: resolve,
        complete: () => resolve('complete'),
      });
    });
    assert.match(JSON.stringify(await ended), /NOT_FOUND/);
    client.dispose();
  });
}

test('Apollo: a subscription through GraphQLWsLink', async () => {
  const cid = await room();
  await say(cid, 'through Apollo');
  const socket = overWebSocket();
  const client = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache() });
  const text = await new Promise((resolve, reject) => {
    const subscription = client.subscribe({ query: gql(EVENTS), variables: { cid, after: 0 } }).subscribe({
      next: ({ data }) => {
        subscription.unsubscribe();
        resolve(data.channelEvents.message.text);
      },
      error: reject,
    });
  });
  assert.equal(text, 'through Apollo');
  const { data } = await client.query({ query: gql`{ allChannels { cid } }` });
  assert.ok(data.allChannels.some((c) => c.cid === cid), 'queries go over the socket as well');
  client.stop();
  await socket.dispose();
});

test('the back office follows channels and roles', async () => {
  const client = overWebSocket();
  const seen = [];
  const done = (async () => {
    for await (const { data } of client.iterate({ query: 'subscription { backofficeEvents(after: 0) { seq type cid user { id } } }' })) {
      seen.push(data.backofficeEvents);
      if (data.backofficeEvents.type === 'user.updated') return;
    }
  })();
  const cid = await room();
  await ask('mutation { setRoleToUsersOnChat(input: { userId: "user1", role: MODERATOR }) }');
  await done;
  client.dispose();
  assert.ok(seen.some((e) => e.type === 'channel.created' && e.cid === cid));
  assert.deepEqual(seen.map((e) => e.seq), seen.map((_, i) => i + 1));
  assert.equal(seen.at(-1).user.id, 'user1');
});

test('a member who is removed is told so, and hears no more', async () => {
  const cid = await room('Team');
  const members = (verb) => ask(`mutation($c: String!) { ${verb}Members(input: { cid: $c, userIds: ["user2"] }) { cid } }`, { c: cid });
  await members('add');
  const client = overWebSocket(customer('user2'));
  const ended = new Promise((resolve) => {
    client.subscribe({ query: EVENTS, variables: { cid, after: 0 } }, {
      next: ({ data }) => data.channelEvents.type === 'member.added' && members('remove'),
      error: resolve,
      complete: () => resolve('complete'),
    });
  });
  assert.match(JSON.stringify(await ended), /UNAUTHORIZED/);
  client.dispose();
});

test('a moderator who is one no longer hears no more, and nobody else hears of it', async () => {
  const cid = await room('Team');
  const role = (name) => ask(`mutation { setRoleToUsersOnChat(input: { userId: "user1", role: ${name} }) }`);
  await role('MODERATOR');
  await say(cid, 'one');
  const [moderator, clerk] = [overWebSocket(customer('user1')), overWebSocket()];
  const ended = new Promise((resolve) => {
    moderator.subscribe({ query: EVENTS, variables: { cid, after: 0 } }, {
      next: () => role('USER'),
      error: resolve,
      complete: () => resolve('complete'),
    });
  });
  const heard = await take(clerk, 2, { cid, after: 0 }, async () => {
    assert.match(JSON.stringify(await ended), /UNAUTHORIZED/);
    await say(cid, 'two');
  });
  assert.deepEqual(heard.map((e) => e.message?.text), ['one', 'two']);
  moderator.dispose();
  clerk.dispose();
});

/** Opens a bare socket, sends messages one by one, and resolves to how it was closed. */
function closedBy(messages, protocols = 'graphql-transport-ws', options = {}) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(socketURL, protocols, options);
    socket.on('open', () => messages.forEach((m) => socket.send(typeof m === 'string' || Buffer.isBuffer(m) ? m : JSON.stringify(m))));
    socket.on('close', (code) => resolve(code));
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode));
    socket.on('error', (error) => /Unexpected server response/.test(error.message) || reject(error));
  });
}

const init = () => ({ type: 'connection_init', payload: { authorization: `Bearer ${server.token}` } });
const subscribe = (id, query = 'subscription { backofficeEvents { seq } }') => ({ id, type: 'subscribe', payload: { query } });

for (const [what, messages, code] of [
  ['a subscription before connection_init', () => [subscribe('1')], 4401],
  ['a second connection_init', () => [init(), init()], 4429],
  ['no token', () => [{ type: 'connection_init' }], 4403],
  ['a bad token', () => [{ type: 'connection_init', payload: { authorization: 'Bearer x' } }], 4403],
  ['what is not JSON', () => ['{'], 4400],
  ['a message without a type', () => ['{}'], 4400],
  ['a type that clients do not send', () => [{ type: 'connection_ack' }], 4400],
  ['an init whose payload is no object', () => [{ type: 'connection_init', payload: 1 }], 4400],
  ['a subscription without an id', () => [init(), { type: 'subscribe', payload: { query: '{__typename}' } }], 4400],
  ['a subscription without a query', () => [init(), { id: '1', type: 'subscribe', payload: {} }], 4400],
  ['an id twice', () => [init(), subscribe('1'), subscribe('1')], 4409],
  ['a binary message', () => [Buffer.from('{"type":"ping"}')], 4400],
  ['a message beyond a mebibyte', () => [init(), { type: 'ping', payload: { x: 'x'.repeat(1 << 20) } }], 1009],
]) {
  test(`the protocol: ${what} closes with ${code}`, async () => assert.equal(await closedBy(messages()), code));
}

test('the protocol: a connection without it is refused', async () => assert.equal(await closedBy([], []), 4406));

test('a page of another origin may not connect', async () => {
  assert.equal(await closedBy([], 'graphql-transport-ws', { origin: 'https://evil.example' }), 403);
});

test('the protocol: pings are answered, before the acknowledgement too', async () => {
  const socket = new WebSocket(socketURL, 'graphql-transport-ws');
  const pong = await new Promise((resolve) => {
    socket.on('open', () => socket.send('{"type":"ping","payload":{"a":1}}'));
    socket.on('message', (text) => resolve(JSON.parse(text)));
  });
  assert.deepEqual(pong, { type: 'pong', payload: { a: 1 } });
  socket.close();
});

test('a restart loses nothing: clients are told to come back, and resume', async () => {
  const own = await startServer();
  const url = own.url.replace('http', 'ws');
  const code = await new Promise((resolve) => {
    const socket = new WebSocket(url, 'graphql-transport-ws');
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${own.token}` } })));
    socket.on('message', () => own.stop());
    socket.on('close', resolve);
  });
  assert.equal(code, 1012);
});
