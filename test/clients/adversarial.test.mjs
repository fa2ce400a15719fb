// Hostile requests over raw HTTP. The tables in adversarial/ read as requirements:
// each row says what is sent and what exactly is answered. What answers an error
// must have changed nothing.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import channels from './adversarial/channels.mjs';
import documents from './adversarial/documents.mjs';
import messages from './adversarial/messages.mjs';
import tokens, { jwks } from './adversarial/tokens.mjs';
import transport from './adversarial/transport.mjs';
import { ask, create, unauthorized, withoutRecords, yes } from './adversarial/wire.mjs';
import { startServer } from './server.mjs';

const titled = (text) => (text.length > 100 ? `${text.slice(0, 100)}…` : text);

describe('requests', () => {
  let server;

  before(async () => {
    server = await startServer('--media-base-url', 'https://media.example');
    server.importUsers(Array.from({ length: 26 }, (_, i) => ({ id: `u${i}`, name: `User ${i}` })));
    await exchange(server, create({ id: 'row', name: 'Row' }));
  });

  after(() => server?.stop());

  for (const tables of [channels, messages, documents, transport]) {
    for (const [name, rows] of Object.entries(tables)) {
      describe(name, () => {
        for (const [what, request, answer] of rows) {
          test(titled(what), () => check(server, request, answer(request)));
        }
      });
    }
  }

  test('a document that is made to exhaust the server is refused within 50 ms', async () => {
    for (const [what, request] of documents.exhausting) {
      const spent = [];
      for (let i = 0; i < 5; i++) {
        const start = performance.now();
        await exchange(server, request);
        spent.push(performance.now() - start);
      }
      assert.ok(Math.min(...spent) < 50, `${what}: ${spent.map(Math.round)} ms`);
    }
  });

  test('a document with 1,000 unknown names gets a short answer', async () => {
    const unknown = Array.from({ length: 400 }, (_, i) => `unknown${i}`).join(' ');
    const { body } = await exchange(server, ask(`{ ${unknown} __typename @a @b @c @d @e @f @g @h @i @j }`));
    assert.ok(body.errors.length < 10);
    assert.ok(JSON.stringify(body).length < 10_000);
    for (const { extensions } of body.errors) assert.equal(extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  });
});

describe('tokens', () => {
  const folder = mkdtempSync(join(tmpdir(), 'backchannel-jwks-'));
  const file = join(folder, 'jwks.json');
  writeFileSync(file, JSON.stringify(jwks));
  after(() => rmSync(folder, { recursive: true }));

  for (const { flags, tables } of tokens) {
    describe(flags.join(' ') || 'as it starts', () => {
      let server;
      before(async () => {
        server = await startServer(...flags.map((flag) => (flag === 'JWKS' ? file : flag)));
      });
      after(() => server?.stop());

      for (const [name, rows] of Object.entries(tables)) {
        describe(name, () => {
          for (const [what, header, passes] of rows) {
            test(titled(what), async () => {
              const request = create({ id: 'row', name: 'Row' }, { Authorization: header(server.secret) ?? null });
              const { status, body } = await exchange(server, request);
              assert.deepEqual({ status, body }, (passes ? yes : unauthorized)(request));
            });
          }
        });
      }
    });
  }
});

async function check(server, request, { status, body, headers = {}, then }) {
  const before = body.errors && (await state(server));
  const got = await exchange(server, request);
  assert.deepEqual({ status: got.status, body: got.body }, { status, body });
  for (const [name, value] of Object.entries(headers)) assert.equal(got.headers[name], value);
  if (then) assert.deepEqual((await exchange(server, ask(then.query))).body, { data: then.data });
  if (before) assert.deepEqual(await state(server), before, 'an error, and yet something has changed');
}

/** Sends a request as it is: fetch would mend some of the headers. */
function exchange(server, { method, search = '', body, headers }) {
  const all = { 'Content-Type': 'application/json', Authorization: `Bearer ${server.token}`, ...headers };
  const options = { method, headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)) };
  return new Promise((resolve, reject) => {
    const request = send(server.url + search, options, async (response) => {
      const chunks = await response.toArray();
      const text = Buffer.concat(chunks).toString();
      try {
        resolve({ status: response.statusCode, headers: response.headers, body: withoutRecords(JSON.parse(text)) });
      } catch {
        reject(new Error(`${response.statusCode}: ${text}`));
      }
    });
    request.once('error', reject);
    request.end(body?.query === undefined ? body : JSON.stringify(body));
  });
}

/** All that a refused request could have changed. */
async function state(server) {
  const { body } = await exchange(
    server,
    ask(
      `{ channels(first: 200) { nodes { cid name avatar frozen messageCount updatedAt } }
         chatUsers(first: 200) { nodes { id name role updatedAt } } }`,
    ),
  );
  assert.ok(body.data, JSON.stringify(body));
  return body.data;
}
