import { once } from 'node:events';
import { createServer, type Server as Receiver } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { launch, NARROW, Visit } from '../browser.ts';
import { Server } from '../server.ts';

// Webhooks: made, changed, tested and followed, down to what was given up.

let browser: Browser;
let server: Server;
let receiver: Receiver;
let visit: Visit;
let page: Page;
let answer = 204;

beforeAll(async () => {
  receiver = createServer((request, response) => void request.resume().on('end', () => response.writeHead(answer).end())).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  [browser, server] = await Promise.all([launch(), Server.start('--dev')]); // which calls private addresses
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  receiver?.close();
});
afterEach(() => visit.close());

const open = async (options = {}) => {
  visit = await Visit.open(browser, server, options);
  page = visit.page;
};
const toast = (text: string) => page.getByRole('alert').filter({ hasText: text });
const hook = (name: string) => page.getByRole('article', { name, exact: true });
const dialog = () => page.getByRole('dialog');
const act = (mutation: string) => server.ask(`mutation { ${mutation} }`);
const say = (channel: string, text: string) => act(`sendMessageToChannel(input: {channelId: "${channel}", text: "${text}"})`);
const choose = async (name: string, item: string) => {
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: item }).click();
  await dialog().waitFor();
};

test('an operator makes a webhook with the keyboard, tries it, and follows what it is told', async () => {
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/chat`;
  await act('createOrUpdateChannel(input: {id: "hall", name: "Hall"})');
  await open();
  await visit.signIn('/webhooks');
  await page.getByRole('heading', { name: 'No webhooks yet' }).waitFor();
  await page.getByRole('button', { name: 'New webhook' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Address' }).and(page.locator(':focus')).waitFor();
  await page.keyboard.type('nowhere');
  await page.keyboard.press('Enter');
  await dialog().getByRole('alert').waitFor();
  await visit.expectAccessible();
  await page.getByRole('textbox', { name: 'Address' }).fill(url);
  await page.getByRole('textbox', { name: 'Description' }).fill('The CRM');
  await page.getByRole('combobox', { name: 'Events' }).fill('message.new');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Description' }).press('Enter');
  const secret = await dialog().getByRole('textbox', { name: 'Secret' }).inputValue();
  expect(secret).toMatch(/^whsec_/);
  await visit.expectAccessible();
  await page.keyboard.press('Enter');
  await hook('The CRM').getByText('message.new').waitFor();

  await choose('The CRM', 'Send a test event…');
  await dialog().getByRole('button', { name: 'Send' }).click();
  await dialog().getByText(/^It answered 204 within/).waitFor();
  await visit.expectAccessible();
  await page.keyboard.press('Escape');

  await choose('The CRM', 'New secret…');
  await dialog().getByRole('button', { name: 'Make a new secret' }).click();
  expect(await dialog().getByRole('textbox', { name: /^Old secret, signs until/ }).inputValue()).toBe(secret);
  await page.keyboard.press('Escape');
  await choose('The CRM', 'Show the secrets…');
  await dialog().getByRole('button', { name: 'Show' }).click();
  expect(await dialog().getByRole('textbox', { name: /^Old secret, signs until/ }).inputValue()).toBe(secret);
  await page.keyboard.press('Escape');

  await choose('The CRM', 'Edit…');
  await dialog().getByRole('textbox', { name: 'Description' }).fill('Our CRM');
  await page.keyboard.press('Enter');
  await toast('The webhook is changed.').getByRole('button', { name: 'Undo' }).click();
  await hook('The CRM').waitFor();

  await say('hall', 'hello');
  await page.getByRole('link', { name: 'Deliveries to The CRM' }).click();
  await page.getByRole('article').filter({ hasText: 'livestream:hall' }).getByText('Delivered', { exact: true }).waitFor();
  await visit.expectAccessible();
  await page.getByRole('link', { name: 'All webhooks' }).click();

  await choose('The CRM', 'Tell again…');
  await dialog().getByLabel('Since').fill(new Date(Date.now() - 3_600_000).toISOString().slice(0, 16));
  await dialog().getByRole('button', { name: 'Tell again' }).click();
  await toast('Everything since then is told again.').waitFor();
});

test.each([
  ['light', 'en', 1280, '0 tries'],
  ['dark', 'ar', 390, 'لا محاولات'],
] as const)('what failed is shown and tried again, %s, in %s, %d px wide', async (colorScheme, locale, width, untried) => {
  answer = 503;
  await act(`createOrUpdateChannel(input: {id: "${locale}", name: "Short-lived"})`);
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/${locale}`;
  const made = await server.ask<{ createWebhook: { webhook: { id: string } } }>('mutation ($u: String!) { createWebhook(input: {url: $u, events: ["message.new", "channel.updated"]}) { webhook { id } } }', { u: url });
  await open({ colorScheme, locale, viewport: { ...NARROW, width } });
  await say(locale, 'not told');
  await visit.signIn(`/webhooks/${made.createWebhook.webhook.id}`);
  const delivery = page.getByRole('article').filter({ hasText: `livestream:${locale}` });
  await delivery.getByText('the answer is 503').waitFor();
  await visit.expectAccessible();
  await visit.expectNoSidewaysScroll();
  await act(`deleteChannels(input: {cids: ["livestream:${locale}"]})`);
  await delivery.getByText('The channel was deleted.').waitFor({ timeout: 45_000 }); // the next try is up to 30 s away
  await visit.expectAccessible();
  await delivery.getByRole('button').focus();
  await page.keyboard.press('Enter');
  await delivery.getByText(untried).waitFor(); // and given up at once: the channel is still gone
  await visit.go('/webhooks');
  const [first, second] = await Promise.all(['message.new', 'channel.updated'].map((event) => page.getByRole('article', { name: url }).getByText(event, { exact: true }).boundingBox()));
  expect((first?.x ?? 0) < (second?.x ?? 0), 'the events run as the language does').toBe(locale === 'en');
  await visit.expectAccessible();
  await visit.expectNoSidewaysScroll();
  await act(`deleteWebhook(input: {id: "${made.createWebhook.webhook.id}"}) { id }`);
  answer = 204;
}, 120_000);
