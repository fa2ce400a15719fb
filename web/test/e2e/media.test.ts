import { readFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { launch, NARROW, Visit } from '../browser.ts';
import { mint, pause, Server } from '../server.ts';

// Three seconds of one colour, VP9 in MP4, which every Chromium plays. Its index
// (moov) stands at its end. Made with:
// ffmpeg -f lavfi -i color=c=0x17877b:s=96x64:r=10:d=3 -c:v libvpx-vp9 -b:v 20k -pix_fmt yuv420p -map_metadata -1 -fflags +bitexact -flags:v +bitexact video.mp4
const VIDEO = readFileSync(new URL('../samples/video.mp4', import.meta.url));

let browser: Browser;
let server: Server;
let visit: Visit;
let page: Page;
let made = 0;
let id: string;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start('--allow-images-from', 'elsewhere.example')]);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});
beforeEach(async () => {
  id = `gallery-${++made}`;
  await server.ask('mutation ($i: CreateOrUpdateStreamChatChanelInput!) { createOrUpdateChannel(input: $i) }', { i: { id, name: `Gallery ${made}` } });
  visit = await Visit.open(browser, server);
  page = visit.page;
});
afterEach(() => visit.close());

const field = () => page.getByRole('textbox', { name: 'Write a message; @ mentions people' });
const enter = async (token = mint()) => {
  await visit.signIn(`/channels/livestream:${id}`, token);
  await field().waitFor();
};
const message = (text: string) => page.getByRole('article').filter({ has: page.locator('[data-message]'), hasText: text });
const picker = () => page.locator('input[type=file]');
const lightbox = () => page.locator('dialog[open]');

/** A PNG of so many pixels: a gradient, whose first pixel tells one from another. */
function png(width: number, height: number, seed = 0): Buffer {
  const rows = Buffer.alloc(height * (width * 3 + 1));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows.set([(x * 255) / width, (y * 255) / height, seed], y * (width * 3 + 1) + 1 + x * 3);
  }
  return pngOf(width, height, deflateSync(rows));
}

function pngOf(width: number, height: number, data: Buffer): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  const chunk = (kind: string, body: Buffer) => {
    const checked = Buffer.concat([Buffer.from(kind), body]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(body.length, 0);
    frame.writeUInt32BE(crc32(checked), 4);
    return Buffer.concat([frame.subarray(0, 4), checked, frame.subarray(4)]);
  };
  return Buffer.concat([Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

interface Uploaded {
  url: string;
  thumbnailUrl: string | undefined;
}

/** Uploads as a program does. */
async function upload(name: string, content: Buffer): Promise<Uploaded> {
  const form = new FormData();
  form.append('file', new File([new Uint8Array(content)], name));
  const response = await fetch(`${server.url}/media`, { method: 'POST', headers: { Authorization: `Bearer ${mint()}` }, body: form });
  expect(response.status).toBe(201);
  return (await response.json()) as Uploaded;
}

async function say(text: string, attachments: { assetUrl: string; title: string }[] = []): Promise<void> {
  await server.ask('mutation ($i: SendMessageToChannelChanelInput!) { sendMessageToChannel(input: $i) }', { i: { channelId: id, text, attachments } });
}

describe('pictures', () => {
  test('come small, in boxes that are there before them, and large when asked for, with the keyboard alone', async () => {
    const [wide, tall] = [await upload('wide.png', png(1200, 600, 1)), await upload('tall.png', png(400, 900, 2))];
    for (let n = 0; n < 3; n++) await say(`before ${n}`);
    await say('two pictures', [{ assetUrl: wide.url, title: 'Wide' }, { assetUrl: tall.url, title: 'Tall' }]);
    for (let n = 0; n < 3; n++) await say(`after ${n}`);
    const asked: string[] = [];
    let give = () => {};
    const later = new Promise<void>((resolve) => (give = resolve));
    await page.route('**/media/*', async (route) => {
      asked.push(route.request().url());
      await later;
      await route.continue();
    });
    await enter();
    await message('after 2').waitFor();
    await expect.poll(() => asked.length).toBe(2);
    const places = () => page.getByRole('article').evaluateAll((all) => all.map((each) => each.getBoundingClientRect().top));
    const before = await places();
    give();
    const pictures = message('two pictures').locator('img');
    await expect.poll(() => pictures.evaluateAll((all) => all.map((each) => (each as HTMLImageElement).naturalWidth))).toEqual([320, 142]);
    await expect.poll(() => places()).toEqual(before);
    expect(asked.sort()).toEqual([wide.thumbnailUrl, tall.thumbnailUrl].sort());

    await page.getByRole('button', { name: 'Picture “Wide”' }).focus();
    await page.keyboard.press('Enter');
    const large = () => lightbox().locator('img').evaluate((each) => (each as HTMLImageElement).naturalWidth);
    await expect.poll(large).toBe(1200);
    await visit.expectAccessible();
    await page.keyboard.press('ArrowRight');
    await lightbox().getByText('2 of 2').waitFor();
    await expect.poll(large).toBe(400);
    const box = await lightbox().locator('img').boundingBox();
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(800);
    await page.keyboard.press('ArrowLeft');
    await lightbox().getByText('1 of 2').waitFor();
    await expect.poll(() => lightbox().getByRole('link', { name: /opens in a new tab/ }).getAttribute('href')).toBe(wide.url);
    await page.setViewportSize(NARROW);
    await visit.expectNoSidewaysScroll();
    await visit.expectAccessible();
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.keyboard.press('Escape');
    await lightbox().waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Picture “Wide”');
  });

  test('are shown large above a dialog, which Escape leaves open', async () => {
    const { url } = await upload('a.png', png(500, 500, 3));
    await say('look', [{ assetUrl: url, title: '' }]);
    await enter();
    await message('look').focus();
    await page.keyboard.press('Delete');
    const dialog = page.getByRole('dialog', { name: /^Delete the message/ });
    await dialog.getByRole('button', { name: 'Picture' }).click();
    await lightbox().locator('img').waitFor();
    await page.keyboard.press('Escape');
    await lightbox().waitFor({ state: 'detached' });
    await expect.poll(() => dialog.isVisible()).toBe(true);
  });

  test('of other hosts are asked for as they are', async () => {
    await page.route('https://elsewhere.example/**', (route) => route.fulfill({ contentType: 'image/png', body: png(20, 10) }));
    await say('from elsewhere', [{ assetUrl: 'https://elsewhere.example/a.png', title: '' }]);
    await enter();
    await expect.poll(() => message('from elsewhere').locator('img').evaluate((each) => (each as HTMLImageElement).naturalWidth)).toBe(20);
  });
});

describe('videos', () => {
  test('play in place, and only the parts that are needed are sent', async () => {
    // With 24 MB of nothing before its index, no browser reads it from end to end.
    const index = VIDEO.lastIndexOf('moov') - 4;
    const nothing = Buffer.alloc(24 << 20);
    nothing.writeUInt32BE(nothing.length, 0);
    nothing.write('free', 4);
    const large = Buffer.concat([VIDEO.subarray(0, index), nothing, VIDEO.subarray(index)]);
    const { url } = await upload('video.mp4', large);
    await say('a video', [{ assetUrl: url, title: 'The launch' }]);
    const parts: { status: number; range: string; given: string }[] = [];
    page.on('response', (response) => {
      if (response.url() === url) parts.push({ status: response.status(), range: response.request().headers()['range'] ?? '', given: response.headers()['content-range'] ?? '' });
    });
    await enter();
    const video = message('a video').getByLabel('Video “The launch”');
    await expect.poll(() => video.evaluate((each) => (each as HTMLVideoElement).videoWidth)).toBe(96);
    await expect.poll(() => video.evaluate((each) => (each as HTMLVideoElement).paused)).toBe(true);
    await video.focus();
    await page.keyboard.press('Space');
    await expect.poll(() => video.evaluate((each) => (each as HTMLVideoElement).currentTime)).toBeGreaterThan(0.5);
    await video.evaluate((each) => ((each as HTMLVideoElement).currentTime = 2.9));
    await expect.poll(() => video.evaluate((each) => (each as HTMLVideoElement).ended)).toBe(true);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.every(({ status }) => status === 206)).toBe(true);
    const starts = parts.map(({ given }) => Number(/^bytes (\d+)-\d+\/\d+$/.exec(given)?.[1]));
    expect(Math.max(...starts)).toBeGreaterThan(20 << 20);
    await visit.expectAccessible();
  });

  test('that no browser plays can be opened', async () => {
    await say('an old video', [{ assetUrl: `${server.url}/media/${'a'.repeat(42)}.avi`, title: '' }]);
    await enter();
    await message('an old video').getByText('Browsers cannot play this video; open it').waitFor();
    await visit.expectAccessible();
    visit.forgive(/404/);
  });
});

describe('files that are not what they seem', () => {
  const SCRIPT = '<script>document.title="it ran";fetch("/ran")</script>';
  const noise = (length: number) => Buffer.from(Array.from({ length }, (_, at) => (at * 7919) % 251));
  const zip = Buffer.concat([Buffer.from('PK\u0003\u0004\u0014\0\0\0\b\0', 'latin1'), noise(4_000)]);
  const gif = Buffer.from(`GIF89a/*\u0001\0\u0001\0\u0080\0\0*/=1;document.title="it ran";//${SCRIPT}`, 'latin1');
  const LONG = `${'\u202E\u2067gpj.'.repeat(12)}${'🦊'.repeat(40)}${'ا'.repeat(20)}.png`;

  test.each([
    ['a vector picture with the name of a PNG', 'drawing.png', Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" onload="document.title='it ran'">${SCRIPT}</svg>`), /is SVG, and its name says something else/],
    ['a page with the name of a picture', 'page.jpg', Buffer.from(`<!doctype html>${SCRIPT}`), /Only .png, .jpg/],
    ['a picture of 60,000 by 60,000 pixels', 'bomb.png', pngOf(60_000, 60_000, deflateSync(Buffer.alloc(1 << 20))), /too many pixels. At most 30 million/],
    ['a picture that is a script too, of a type that is not taken', 'both.gif', gif, /Only .png, .jpg/],
    ['the same with the name of a PNG', 'both.png', gif, /is GIF, .*convert any other/],
    ['an archive with the name of a video', 'video.mp4', zip, /Only .png, .jpg/],
    ['a video without a picture in it', 'head.mp4', VIDEO.subarray(0, 36), /no video in the file/],
    ['a video that is cut off', 'cut.mp4', VIDEO.subarray(0, 300), /cut off|no video/],
    ['a picture that is cut off', 'cut.png', png(300, 300).subarray(0, 2_000), /damaged|cut off/],
    ['a JPEG with the name of a PNG', 'other.png', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), Buffer.from('JFIF\0\u0001\u0001\0\0\u0001\0\u0001\0\0', 'latin1'), noise(500)]), /is JPG, .*Rename a JPEG/],
    ['a file without content', 'empty.png', Buffer.alloc(0), /is empty/],
    ['a long name with every trick, and no picture', LONG, Buffer.from(SCRIPT), /Only .png, .jpg/],
  ])('%s is refused in words, and nothing of it is left', async (_what, name, buffer, words) => {
    await page.setViewportSize(NARROW);
    await enter();
    await field().fill('look');
    await picker().setInputFiles({ name, mimeType: 'image/png', buffer });
    const said = page.getByRole('alert').filter({ hasText: words });
    await said.waitFor();
    await visit.expectNoSidewaysScroll();
    await visit.expectAccessible();
    await field().press('Control+Enter');
    await page.getByText('Remove the file that was refused').waitFor();
    await said.getByRole('button').last().press('Enter');
    await said.waitFor({ state: 'detached' });
    await field().press('Control+Enter');
    await message('look').waitFor();
    await expect.poll(() => message('look').locator('img, video').count()).toBe(0);
    await expect.poll(() => page.title()).toBe(`Gallery ${made} · Backchannel`);
    expect(server.files()).toEqual(kept);
    visit.forgive(/status of 4\d\d/);
  });

  // What other tests have left is theirs.
  let kept: string[] = [];
  beforeEach(() => {
    kept = server.files();
  });

  test('a picture that is a page too is a picture and nothing else once it is here', async () => {
    const whole = png(40, 40, 9);
    const comment = Buffer.from(`\0\0\0\0tEXtComment\0${SCRIPT}`, 'latin1');
    comment.writeUInt32BE(comment.length - 8, 0);
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(crc32(comment.subarray(4)));
    const both = Buffer.concat([whole.subarray(0, 33), comment, checksum, whole.subarray(33), Buffer.from(SCRIPT)]);
    await enter();
    await picker().setInputFiles({ name: LONG, mimeType: 'text/html', buffer: both });
    await page.getByLabel('Title of attachment 1', { exact: true }).waitFor();
    await page.setViewportSize(NARROW);
    await visit.expectNoSidewaysScroll();
    await visit.expectAccessible();
    await field().fill('a picture');
    await field().press('Control+Enter');
    const shown = message('a picture').locator('img');
    await expect.poll(() => shown.evaluate((each) => (each as HTMLImageElement).naturalWidth)).toBe(40);
    await visit.expectNoSidewaysScroll();
    const address = (await shown.getAttribute('src')) ?? '';
    const served = await fetch(address);
    expect(Buffer.from(await served.arrayBuffer()).includes('script')).toBe(false);
    expect(served.headers.get('content-type')).toBe('image/png');
    expect(served.headers.get('x-content-type-options')).toBe('nosniff');
    const asked: string[] = [];
    const opened = await visit.context.newPage();
    opened.on('request', (request) => asked.push(request.url()));
    await opened.goto(address);
    await pause(200);
    await expect.poll(() => opened.title()).not.toContain('it ran');
    expect(asked).toEqual([address]);
    await opened.close();
  });
});

describe('a draft', () => {
  /** Holds what is uploaded until it is let go. */
  const holdUploads = async () => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    await page.route('**/media', async (route) => {
      await held;
      await route.continue().catch(() => undefined);
    });
    return () => {
      letGo();
      return page.unroute('**/media');
    };
  };

  test('keeps its files over a reload, and the names of those that were not there yet', async () => {
    await enter();
    await field().fill('with files');
    await picker().setInputFiles({ name: 'first.png', mimeType: 'image/png', buffer: png(50, 50, 21) });
    await page.getByLabel('Title of attachment 1', { exact: true }).waitFor();
    await holdUploads();
    await picker().setInputFiles({ name: 'second.png', mimeType: 'image/png', buffer: png(50, 50, 22) });
    await page.getByRole('progressbar', { name: 'Upload of second.png' }).waitFor({ state: 'attached' });
    await page.reload();
    await expect.poll(() => page.getByLabel('Title of attachment 1', { exact: true }).inputValue()).toBe('first.png');
    await expect.poll(() => field().inputValue()).toBe('with files');
    const lost = page.getByRole('alert').filter({ hasText: 'second.png' });
    await lost.getByText('This was not uploaded').waitFor();
    await visit.expectAccessible();
    await page.reload();
    await lost.getByRole('button', { name: 'Remove second.png' }).click();
    await page.reload();
    await field().press('Control+Enter');
    await message('with files').locator('img').waitFor();
    await expect.poll(() => lost.count()).toBe(0);
  });

  test('goes on with its files when one comes back to the channel', async () => {
    await enter();
    const letGo = await holdUploads();
    await picker().setInputFiles({ name: 'slow.png', mimeType: 'image/png', buffer: png(50, 50, 23) });
    await page.getByRole('progressbar', { name: 'Upload of slow.png' }).waitFor({ state: 'attached' });
    await page.getByRole('navigation').getByRole('link', { name: 'Channels' }).click();
    await page.getByRole('heading', { name: 'Channels' }).waitFor();
    await letGo();
    await page.goBack();
    await page.getByLabel('Title of attachment 1', { exact: true }).waitFor();
    await expect.poll(() => page.getByLabel('Title of attachment 1', { exact: true }).inputValue()).toBe('slow.png');
    visit.forgive(/ERR_FAILED|ERR_ABORTED/);
  });

  test('is kept when an upload is refused for its token, and goes on after signing in', async () => {
    await enter();
    await field().fill('before it ran out');
    const letGo = await holdUploads();
    await picker().setInputFiles({ name: 'late.png', mimeType: 'image/png', buffer: png(50, 50, 24) });
    await page.getByRole('progressbar', { name: 'Upload of late.png' }).waitFor({ state: 'attached' });
    // The server comes back with another secret, so no token of before is good.
    await server.kill();
    await server.begin('--jwt-secret', 'another secret of at least thirty-two bytes');
    await letGo();
    await page.getByLabel('Access token').waitFor();
    await server.kill();
    await server.begin();
    await page.getByLabel('Access token').fill(mint());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('Title of attachment 1', { exact: true }).waitFor();
    await expect.poll(() => field().inputValue()).toBe('before it ran out');
    await field().press('Control+Enter');
    await message('before it ran out').locator('img').waitFor();
    visit.forgive(/40[13]|ERR_/);
  });
});

describe('a form with changes', () => {
  const drawer = () => page.getByRole('dialog', { name: 'Edit channel' });
  const question = () => page.getByRole('dialog', { name: 'Close without saving?' });
  const open = async () => {
    await visit.signIn('/overview');
    await page.getByRole('navigation').getByRole('link', { name: 'Channels' }).click();
    await page.getByRole('heading', { name: 'Channels' }).waitFor();
    await page.getByLabel('Search names and ids').fill(id);
    await page.getByRole('button', { name: `Edit Gallery ${made} (` }).click();
    await drawer().getByRole('textbox', { name: 'Name' }).waitFor();
  };

  test('asks before Escape, a click outside, the back button or a reload closes it', async () => {
    await open();
    await page.keyboard.press('Escape');
    await drawer().waitFor({ state: 'detached' });
    await open();
    await drawer().getByRole('textbox', { name: 'Name' }).fill('Half changed');
    const ways: [string, () => Promise<unknown>][] = [
      ['Escape', () => page.keyboard.press('Escape')],
      ['a click outside', () => page.mouse.click(100, 400)],
      ['the back button', () => page.evaluate(() => history.back())],
      ['the button that cancels', () => drawer().getByRole('button', { name: 'Cancel' }).click()],
    ];
    for (const [way, close] of ways) {
      await close();
      await question().waitFor();
      if (way === 'Escape') await visit.expectAccessible();
      await page.keyboard.press('Escape');
      await question().waitFor({ state: 'detached' });
      await expect.poll(() => drawer().getByRole('textbox', { name: 'Name' }).inputValue(), { message: way }).toBe('Half changed');
    }
    const asked = page.waitForEvent('dialog');
    await drawer().getByRole('textbox', { name: 'Name' }).click(); // Browsers ask only whom a person has touched.
    const reloading = page.reload({ timeout: 2_000 }).catch(() => undefined);
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
    await reloading;
    await page.keyboard.press('Escape');
    await question().getByRole('button', { name: 'Discard the changes' }).click();
    await drawer().waitFor({ state: 'detached' });
    const { channel } = await server.ask<{ channel: { name: string } }>('query ($c: String!) { channel(cid: $c) { name } }', { c: `livestream:${id}` });
    expect(channel.name).toBe(`Gallery ${made}`);
    expect(page.url()).not.toContain('edit=');
  });

  test('asks before a message that is being edited is given up', async () => {
    await say('as it was');
    await enter();
    await message('as it was').focus();
    await page.keyboard.press('e');
    const dialog = page.getByRole('dialog', { name: /^Edit the message/ });
    await dialog.getByRole('textbox').fill('as it might be');
    await page.keyboard.press('Escape');
    await question().getByRole('button', { name: 'Go on editing' }).click();
    await expect.poll(() => dialog.getByRole('textbox').inputValue()).toBe('as it might be');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await question().getByRole('button', { name: 'Discard the changes' }).click();
    await dialog.waitFor({ state: 'detached' });
    await message('as it was').waitFor();
  });
});
