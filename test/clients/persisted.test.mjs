// Apollo's persisted queries: the server keeps none and says so in Apollo's form, so
// that the link sends documents instead of hashes from then on.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';

import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';

import { startServer } from './server.mjs';

let server;

before(async () => {
  server = await startServer();
});

after(() => server?.stop());

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

/** A client with the link, and what it sent: each request's method and whether it held a document. */
function persisting(options) {
  const sent = [];
  const http = new HttpLink({
    uri: server.url,
    headers: { Authorization: `Bearer ${server.token}` },
    fetch: (url, init) => {
      const query = init.method === 'GET' ? new URL(url).searchParams.get('query') : JSON.parse(init.body).query;
      sent.push(`${init.method} ${query ? 'document' : 'hash'}`);
      return fetch(url, init);
    },
  });
  const link = ApolloLink.from([new PersistedQueryLink({ sha256, ...options }), http]);
  const client = new ApolloClient({ link, cache: new InMemoryCache(), defaultOptions: { query: { fetchPolicy: 'network-only' } } });
  return { client, sent };
}

const CHANNELS = gql`query Channels { allChannels { cid name } }`;
const CREATE = gql`mutation Create($input: CreateOrUpdateStreamChatChanelInput!) { createOrUpdateChannel(input: $input) }`;

test('the link falls back to documents, at once and for good', async () => {
  const { client, sent } = persisting();
  await client.mutate({ mutation: CREATE, variables: { input: { id: 'persisted', name: 'Persisted' } } });
  const { data } = await client.query({ query: CHANNELS });
  assert.deepEqual(data.allChannels.map(({ cid }) => cid), ['livestream:persisted']);
  assert.deepEqual(sent, ['POST hash', 'POST document', 'POST document']);
});

test('also where it asks by GET', async () => {
  const { client, sent } = persisting({ useGETForHashedQueries: true });
  const { data } = await client.query({ query: CHANNELS });
  assert.equal(data.allChannels.length, 1);
  assert.equal(sent[0], 'GET hash');
  assert.match(sent[1], / document$/);
});

test('what other clients are told', async () => {
  for (const accept of ['application/json', 'application/graphql-response+json']) {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: accept },
      body: JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: sha256('{__typename}') } } }),
    });
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), {
      errors: [{ message: 'PersistedQueryNotSupported', locations: [], extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }],
    });
  }
});
