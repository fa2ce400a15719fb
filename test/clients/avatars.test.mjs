// Avatars that must be uploads.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { gql } from '@apollo/client';

import { CHANNEL } from './additive.mjs';
import { apollo } from './apollo.mjs';
import { operation } from './document.mjs';
import { startServer } from './server.mjs';

const SAVE = gql(operation('CreateOrUpdateChannel'));
const picture = readFileSync(new URL('../../internal/app/announcement-avatar.png', import.meta.url));

let server, client;

before(async () => {
  server = await startServer('--avatars', 'uploaded');
  client = apollo(server.url, server.token);
  await save({});
});

after(() => server?.stop());

const save = (input) => client.mutate({ mutation: SAVE, variables: { input: { id: 'news', name: 'News', ...input } } });
const avatar = async () => (await client.query({ query: CHANNEL, variables: { cid: 'livestream:news' } })).data.channel.avatar;

async function upload(name, content) {
  const body = new FormData();
  body.append('file', new File([content], name));
  const response = await fetch(new URL('/media', server.url), {
    method: 'POST',
    headers: { Authorization: `Bearer ${server.token}` },
    body,
  });
  return { status: response.status, ...(await response.json()) };
}

test('the name that /media answers is an avatar, at the address that it answers', async () => {
  const { status, filename, url } = await upload('my own name.png', picture);
  assert.equal(status, 201);
  await save({ avatarFilename: filename });
  assert.equal(await avatar(), url);
  assert.equal((await fetch(url)).headers.get('Content-Type'), 'image/png');
});

test('a name that was never uploaded is refused, and the message says what to do', async () => {
  const had = await avatar();
  for (const avatarFilename of ['my own name.png', 'PHOTO.JPEG', '100%.png', `${'a'.repeat(42)}.png`, `${'a'.repeat(251)}.png`, '__proto__.png']) {
    for (const input of [{ avatarFilename }, { avatarFilename, id: undefined }]) {
      const refused = await save(input).then(
        () => assert.fail(`${avatarFilename} is taken`),
        (error) => error,
      );
      assert.deepEqual(refused.errors[0].extensions, { code: 'INVALID_ARGUMENTS', field: 'input.avatarFilename', reason: 'NOT_UPLOADED' });
      assert.match(refused.errors[0].message, /POST \/media/);
    }
  }
  assert.equal(await avatar(), had);
});
