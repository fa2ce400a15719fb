import { createHmac } from 'node:crypto';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { launch, NARROW, Visit } from '../browser.ts';
import { Server } from '../server.ts';

const KEY = 'voice';
const SECRET = 'a secret of Stream’s API that is long enough';
let browser: Browser;
let server: Server;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start('--api-key', KEY, '--api-secret', SECRET)]);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** Asks Stream's API, as a service does. */
async function stream(path: string, body: BodyInit, headers: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ server: true })}`;
  const response = await fetch(`${server.url}/api/v2/${path}?api_key=${KEY}`, {
    method: 'POST',
    headers: { ...headers, 'Stream-Auth-Type': 'jwt', Authorization: `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}` },
    body,
  });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as Record<string, unknown>;
}

/** Half a second of a tone. */
function wave(): Buffer {
  const rate = 8_000;
  const samples = Buffer.from(Array.from({ length: rate / 2 }, (_, n) => 128 + Math.round(60 * Math.sin(n / 3))));
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

test('a voice note plays where it stands, one of another host is a link', async () => {
  await server.ask('mutation { createOrUpdateChannel(input: {id: "news", name: "News"}) upsertChatUsers(input: {users: [{id: "ann", name: "Ann"}]}) { __typename } }');
  const form = new FormData();
  form.append('file', new File([new Uint8Array(wave())], 'note.wav', { type: 'audio/wav' }));
  form.append('user', JSON.stringify({ id: 'ann' }));
  const { file } = await stream('uploads/file', form);
  const attachments = [
    { type: 'voiceRecording', title: 'Call me back', asset_url: file, mime_type: 'audio/wav', duration: 0.5 },
    { type: 'voiceRecording', title: 'Elsewhere', asset_url: 'https://other.example/note.aac', duration: 0.5 },
  ];
  await stream('chat/channels/livestream/news/message', JSON.stringify({ message: { text: 'Listen', user_id: 'ann', attachments } }), { 'Content-Type': 'application/json' });

  const visit = await Visit.open(browser, server);
  const { page } = visit;
  await visit.signIn('/channels/livestream:news');
  const player = page.locator('audio[aria-label="Call me back"]');
  await player.waitFor();
  await visit.expectAccessible();
  await player.evaluate((audio: HTMLAudioElement) => audio.play());
  await expect.poll(() => player.evaluate((audio: HTMLAudioElement) => audio.duration)).toBeCloseTo(0.5, 1);
  await page.getByRole('link', { name: /Elsewhere.*other\.example/ }).waitFor();
  await expect.poll(() => page.locator('audio').count()).toBe(1);
  await page.setViewportSize(NARROW);
  await visit.expectNoSidewaysScroll();
  if (process.env['BACKCHANNEL_LOOK']) await page.screenshot({ path: `${process.env['BACKCHANNEL_LOOK']}/voice.png` });
  await visit.close();
});
