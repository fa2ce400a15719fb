// Webhooks as a service gets them: Standard Webhooks' own library, used as docs/webhooks.md
// shows it, verifies every call.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { Webhook } from 'standardwebhooks';

import { startServer } from './server.mjs';

const page = readFileSync(new URL('../../docs/webhooks.md', import.meta.url), 'utf8');
const example = page.match(/```js\n([^]*?)```/)[1].replace(/^import .*$/m, '').replace('export ', '');
const verified = new Function('Webhook', `${example}; return verified`)(Webhook);

let server;
let receiver;
const calls = [];

before(async () => {
  server = await startServer();
  receiver = createServer(async (request, response) => {
    let raw = '';
    for await (const chunk of request.setEncoding('utf8')) raw += chunk;
    calls.push({ headers: request.headers, raw });
    response.writeHead(204).end();
    receiver.emit('told');
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
});

after(async () => {
  await server?.stop();
  receiver?.close();
});

async function ask(query, variables) {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${server.token}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined);
  return data;
}

/** Sends a message and resolves to the call that tells of it. */
async function told(text) {
  await ask('mutation($text: String!) { sendMessageToChannel(input: {channelId: "room", text: $text}) }', { text });
  const about = () => calls.find((call) => JSON.parse(call.raw).data.message?.text === text);
  while (!about()) await once(receiver, 'told');
  return about();
}

test('the library verifies each call, also while a secret is rotated', async () => {
  await ask('mutation { createOrUpdateChannel(input: {id: "room", name: "Room"}) }');
  const { createWebhook: made } = await ask(
    'mutation($url: String!) { createWebhook(input: {url: $url}) { webhook { id } secrets { secret } } }',
    { url: `http://127.0.0.1:${receiver.address().port}/chat` },
  );
  const { id } = made.webhook;
  const [{ secret: old }] = made.secrets;
  const hello = await told('Hello, wörld 👋');
  const event = verified(old, hello.headers, hello.raw);
  assert.equal(event.type, 'message.new');
  assert.equal(event.data.cid, 'livestream:room');
  assert.equal(event.data.message.text, 'Hello, wörld 👋');
  assert.throws(() => verified(old, hello.headers, hello.raw.replace('Hello', 'Hullo')), /signature/i);
  assert.throws(() => verified(old, { ...hello.headers, 'webhook-id': 'another' }, hello.raw), /signature/i);

  const rotate = 'mutation($id: String!, $hours: Int) { rotateWebhookSecret(input: {id: $id, overlapHours: $hours}) { secrets { secret } } }';
  const { rotateWebhookSecret: both } = await ask(rotate, { id, hours: 1 });
  const [{ secret: fresh }] = both.secrets;
  const rotating = await told('while it is rotated');
  verified(old, rotating.headers, rotating.raw);
  verified(fresh, rotating.headers, rotating.raw);

  await ask(rotate, { id, hours: 0 });
  const rotated = await told('afterwards');
  assert.throws(() => verified(old, rotated.headers, rotated.raw), /signature/i);
  assert.throws(() => verified(fresh, rotated.headers, rotated.raw), /signature/i);
  const { revealWebhookSecrets: shown } = await ask('mutation($id: String!) { revealWebhookSecrets(input: {id: $id}) { secrets { secret } } }', { id });
  assert.equal(shown.secrets.length, 1);
  verified(shown.secrets[0].secret, rotated.headers, rotated.raw);
});
