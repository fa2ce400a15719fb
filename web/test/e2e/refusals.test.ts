import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { ar } from '../../console/i18n/ar.ts';
import { launch, Visit } from '../browser.ts';
import { Server } from '../server.ts';

// Whoever works in Arabic is told in Arabic why a file was not taken.

let browser: Browser;
let server: Server;
let visit: Visit;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start('--max-video', '1', '--avatars', 'uploaded')]);
  await server.ask('mutation { createOrUpdateChannel(input: {id: "news", name: "News"}) }');
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});
beforeEach(async () => {
  visit = await Visit.open(browser, server, { locale: 'ar' });
});
afterEach(() => visit.close());

/** A text of the catalogue with a number in it, as Arabic writes it. */
const withNumber = (text: string, number: number) => text.replace(/{{\w+}}/, new Intl.NumberFormat('ar').format(number));

test('an attachment', async () => {
  const { page } = visit;
  await visit.signIn('/channels/livestream:news');
  const picker = page.locator('input[type=file]');
  await picker.waitFor({ state: 'attached' });
  const JPEG = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), Buffer.from('JFIF\0\u0001\u0001\0\0\u0001\0\u0001\0\0', 'latin1'), Buffer.alloc(500)]);
  for (const [name, buffer, words] of [
    ['other.png', JPEG, ar.media.TYPE_MISMATCH.replace('{{found}}', '\u2068JPG\u2069')],
    ['empty.png', Buffer.alloc(0), ar.media.EMPTY],
    ['cut.png', Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1'), ar.media.CUT_OFF],
    ['long.mp4', Buffer.concat([Buffer.from('\0\0\0\u0010ftypisom\0\0\u0002\0', 'latin1'), Buffer.alloc(1 << 20)]), withNumber(ar.media.TOO_LARGE, 1)],
  ] as const) {
    await picker.setInputFiles({ name, mimeType: 'image/png', buffer });
    await page.getByRole('alert').filter({ hasText: name }).filter({ hasText: words }).waitFor();
  }
  await visit.expectAccessible();
  visit.forgive(/status of 4\d\d/);
});

test('an avatar by a name that was never uploaded, at its field', async () => {
  const { page } = visit;
  await visit.signIn('/channels?edit=livestream:news');
  await page.getByRole('button', { name: ar.channels.avatarByName }).click();
  const field = page.getByRole('textbox', { name: ar.channels.avatarName });
  await field.fill('never.png');
  await page.keyboard.press('Enter');
  await page.getByText(ar.media.NOT_UPLOADED).waitFor();
  await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
  await visit.expectAccessible();
});
