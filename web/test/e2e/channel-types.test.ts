import { createHmac } from 'node:crypto';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { launch, Visit } from '../browser.ts';
import { Server } from '../server.ts';

const KEY = 'the-apps-key';
const SECRET = 'services that use the API of Stream sign with this';

let browser: Browser;
let server: Server;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start('--api-key', KEY, '--api-secret', SECRET)]);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** Makes a channel type of the chat's own, as a service does. */
async function makeType(name: string): Promise<void> {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ server: true })}`;
  const response = await fetch(`${server.url}/api/v2/chat/channeltypes?api_key=${KEY}`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'Stream-Auth-Type': 'jwt',
      Authorization: `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`,
    },
    body: JSON.stringify({ name, automod: 'disabled', automod_behavior: 'flag', max_message_length: 5000 }),
  });
  if (!response.ok) throw new Error(await response.text());
}

test('a channel of a type of the chat’s own is opened, written to, renamed and deleted', async () => {
  await makeType('podcast');
  await server.ask('mutation { createOrUpdateChannel(input: {id: "show", name: "The Show", typeName: "podcast"}) }');
  const visit = await Visit.open(browser, server);
  const { page } = visit;
  const row = (name: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
  const toast = (text: RegExp) => page.getByRole('alert').filter({ hasText: text });

  await visit.signIn('/channels');
  await row('The Show').getByRole('link', { name: 'The Show' }).click();
  await page.getByRole('heading', { name: 'The Show' }).waitFor();
  await page.getByRole('textbox', { name: /^Write a message/ }).fill('Hello, listeners');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('article').filter({ hasText: 'Hello, listeners' }).waitFor();
  await expect
    .poll(() => server.ask('{ messages(cid: "podcast:show") { nodes { text } } }'))
    .toEqual({ messages: { nodes: [{ text: 'Hello, listeners' }] } });

  await visit.go('/channels');
  await page.getByLabel('Type of the channels shown').selectOption('podcast');
  await row('The Show').waitFor();
  await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Copy as…' }).click();
  await expect.poll(() => page.locator('pre').textContent()).toContain('"typeName": "podcast"');
  await page.keyboard.press('Escape');
  await row('The Show').getByRole('button', { name: 'Edit The Show' }).click();
  const drawer = page.getByRole('dialog', { name: 'Edit channel' });
  await drawer.getByLabel('Name').fill('The New Show');
  await drawer.getByRole('button', { name: 'Save' }).click();
  await row('The New Show').waitFor();
  await toast(/The New Show/).getByRole('button', { name: 'Undo' }).click();
  await row('The Show').waitFor();

  await row('The Show').getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  const deletion = page.getByRole('dialog', { name: 'Delete this channel?' });
  await deletion.getByLabel(/^Type 1,/).fill('1');
  await deletion.getByRole('button', { name: 'Delete 1 channel' }).click();
  await row('The Show').waitFor({ state: 'detached' });
  await expect.poll(() => server.ask('{ allChannels { cid } }')).toEqual({ allChannels: [] });
  await visit.close();
});
