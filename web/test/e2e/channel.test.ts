import type { Browser, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { launch, NARROW, Visit } from '../browser.ts';
import { mint, pause, Server } from '../server.ts';

let browser: Browser;
let server: Server;
let visit: Visit;
let page: Page;
let made = 0;
let cid: string;
let id: string;

const MANY = 1_000;
const HOSTILE = '<img src=x onerror="document.title=1">';
const PEOPLE = [
  { id: 'ann', name: 'Ann Lee' },
  { id: 'bob', name: 'Bob' },
  { id: 'evil', name: HOSTILE },
  { id: 'emoji', name: '🦊'.repeat(255) },
  { id: 'sara', name: 'سارة' },
];

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  await server.ask('mutation ($u: [ChatUserInput!]!) { upsertChatUsers(input: {users: $u}) { users { id } } }', { u: PEOPLE });
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});
beforeEach(async () => {
  id = `room-${++made}`;
  cid = `livestream:${id}`;
  await server.ask('mutation ($i: CreateOrUpdateStreamChatChanelInput!) { createOrUpdateChannel(input: $i) }', { i: { id, name: `Room ${made}` } });
  visit = await Visit.open(browser, server);
  page = visit.page;
});
afterEach(() => visit.close());

const enter = async (of = visit, token?: string) => {
  await of.signIn(`/channels/${cid}`, token);
  await of.page.getByLabel('Write a message').waitFor();
};
const field = (of = page) => of.getByRole('textbox', { name: 'Write a message; @ mentions people' });
const articles = (of = page) => of.getByRole('article');
/** One that is there, not one that is being sent. */
const message = (text: string | RegExp, of = page) => articles(of).filter({ has: of.locator('[data-message]'), hasText: text });

/** Posts as somebody through the API, in order. */
async function post(texts: string[], more: Record<string, unknown> = {}, by: Record<string, unknown> = { sub: 'ann', name: 'Ann Lee', roles: ['BO'] }): Promise<void> {
  for (let from = 0; from < texts.length; from += 20) {
    const part = texts.slice(from, from + 20);
    const variables = Object.fromEntries(part.map((text, n) => [`i${n}`, { channelId: id, text, ...more }]));
    const declared = part.map((_, n) => `$i${n}: SendMessageToChannelChanelInput!`).join(', ');
    const fields = part.map((_, n) => `m${n}: sendMessageToChannel(input: $i${n})`).join('\n');
    await server.ask(`mutation (${declared}) { ${fields} }`, variables, mint(by));
  }
}

async function stored(): Promise<{ id: string; text: string; pinnedAt: string | null; deletedAt: string | null; mentionedUsers: { id: string }[]; attachments: { assetUrl: string; title: string; titleLink: string | null }[] }[]> {
  const { messages } = await server.ask<{ messages: { nodes: never[] } }>(
    'query ($c: String!) { messages(cid: $c, last: 200) { nodes { id text pinnedAt deletedAt mentionedUsers { id } attachments { assetUrl title titleLink } } } }',
    { c: cid },
  );
  return messages.nodes;
}
const texts = async () => (await stored()).map(({ text }) => text);

describe('reading', () => {
  test('an empty channel offers to write the first message, which a second browser sees come in', async () => {
    const other = await Visit.open(browser, server);
    await enter();
    await enter(other, mint({ sub: 'bob', name: 'Bob' }));
    await page.getByText('Nothing has been said yet').waitFor();
    await visit.expectAccessible();
    await page.getByRole('button', { name: 'Write the first message' }).click();
    await page.keyboard.type('Good morning');
    await page.keyboard.press('Control+Enter');
    await message('Good morning', other.page).waitFor();
    await message('Good morning').waitFor();
    await page.locator('[data-outgoing]').waitFor({ state: 'detached' });
    await expect.poll(() => articles().count()).toBe(1);
    await expect.poll(() => field().inputValue()).toBe('');
    await other.close();
  });

  test('scrolls back through 1,000 messages, keeping its place, with few of them in the page', async () => {
    await post(Array.from({ length: MANY }, (_, n) => `number ${n}.`));
    await enter();
    await message(`number ${MANY - 1}.`).waitFor();
    const feed = page.getByRole('feed');
    const seen = new Set<number>();
    let most = 0;
    for (const end = Date.now() + 40_000; Date.now() < end && !seen.has(0); ) {
      const shown = await articles().evaluateAll((all) => all.map((each) => Number(/number (\d+)\./.exec(each.textContent ?? '')?.[1])));
      for (const n of shown) seen.add(n);
      most = Math.max(most, shown.length);
      expect([...shown].sort((a, b) => a - b)).toEqual(shown);
      await feed.evaluate((element) => element.scrollBy(0, -element.clientHeight * 0.8));
      await page.waitForTimeout(20);
    }
    expect(seen.size).toBe(MANY);
    expect(most).toBeLessThan(100);
    await page.getByText('Here the channel begins.').waitFor();
    await page.getByRole('button', { name: 'Latest messages' }).click();
    await message(`number ${MANY - 1}.`).waitFor();
  }, 60_000);

  test('keeps its place while older messages are put above and new ones below', async () => {
    await post(Array.from({ length: 120 }, (_, n) => `number ${n}.`));
    await enter();
    await message('number 119.').waitFor();
    const place = async () => {
      const box = await message('number 90.').boundingBox();
      return box?.y ?? Number.NaN;
    };
    await page.getByRole('feed').evaluate((element) => element.scrollBy(0, -700));
    await message('number 90.').waitFor();
    await page.waitForTimeout(500);
    const before = await place();
    await post(['something new']);
    await page.getByRole('button', { name: '1 new message' }).waitFor();
    expect(Math.abs((await place()) - before)).toBeLessThanOrEqual(2);
    await visit.expectAccessible();
    await page.getByRole('button', { name: '1 new message' }).click();
    await message('something new').waitFor();
  });

  test('shows what people typed as text, whatever it is', async () => {
    await post([HOSTILE, '[x](javascript:alert(1))', '<script>alert(1)</script> **bold**'], {}, { sub: 'evil', name: HOSTILE, roles: ['BO'] });
    await post(['a'], { mentionedUsersIds: ['evil'] }, { sub: 'emoji', name: '🦊'.repeat(255), roles: ['BO'] });
    await post(['مرحبا @سارة'], { mentionedUsersIds: ['sara'] }, { sub: 'sara', name: 'سارة', roles: ['BO'] });
    await server.ask('mutation ($i: CreateOrUpdateStreamChatChanelInput!) { createOrUpdateChannel(input: $i) }', { i: { id, name: HOSTILE } });
    await page.setViewportSize(NARROW);
    await enter();
    await message('مرحبا').waitFor();
    await expect.poll(() => page.locator('main img[src="x"], main script, main a[href^=javascript]').count()).toBe(0);
    await expect.poll(() => page.locator('strong', { hasText: 'bold' }).count()).toBe(1);
    await expect.poll(() => page.locator('[data-mention]', { hasText: '@سارة' }).count()).toBe(1);
    await expect.poll(() => page.title()).toBe(`${HOSTILE} · Backchannel`);
    await visit.expectNoSidewaysScroll();
    await visit.expectAccessible();
  });

  test('shows reactions, pins, edits and deletions as they happen, and who types', async () => {
    await post(['first', 'second', 'third']);
    await enter();
    await message('third').waitFor();
    const [first, second, third] = await stored();
    const bob = mint({ sub: 'bob', name: 'Bob', roles: [] });
    const about = (of: { id: string } | undefined) => ({ cid, messageId: of?.id });
    await server.ask('mutation ($i: ReactionInput!) { addReaction(input: $i) { message { id } } }', { i: { ...about(first), type: 'like' } }, bob);
    await server.ask('mutation ($i: EditMessageInput!) { editMessage(input: $i) { message { id } } }', { i: { ...about(second), text: 'second, better' } });
    await server.ask('mutation ($i: PinMessageInput!) { pinMessage(input: $i) { message { id } } }', { i: { ...about(second), pinned: true } });
    await server.ask('mutation ($i: DeleteMessageInput!) { deleteMessage(input: $i) { messageId } }', { i: about(third) });
    await server.ask('mutation ($i: SendTypingInput!) { sendTyping(input: $i) { cid } }', { i: { cid, typing: true } }, bob);
    await message('like: 1').waitFor();
    await message('second, better').filter({ hasText: 'edited' }).filter({ hasText: 'Pinned' }).waitFor();
    await message('This message was deleted.').waitFor();
    await page.getByText('Bob is typing…').waitFor();
    await visit.expectAccessible();
    await page.emulateMedia({ colorScheme: 'dark' });
    await visit.expectAccessible();
  });

  test('says in words that there is no such channel, and that it was deleted meanwhile', async () => {
    await visit.signIn('/channels/livestream:nowhere');
    await page.getByText('There is no such channel').waitFor();
    await visit.expectAccessible();
    await enter();
    await server.ask('mutation ($c: [String!]!) { deleteChannels(input: {cids: $c}) }', { c: [cid] });
    await page.getByText('This channel was deleted').waitFor();
    await page.getByRole('link', { name: 'All channels' }).click();
    await page.getByRole('heading', { name: 'Channels' }).waitFor();
  });

  test('asks anew where the log no longer reaches back', async () => {
    const sockets: WebSocketRoute[] = [];
    let open = true;
    await visit.context.routeWebSocket(/graphql/, (socket) => {
      if (!open) return void socket.close();
      sockets.push(socket);
      socket.connectToServer();
    });
    await post(['old', 'old', 'old']);
    await enter();
    await message('old').first().waitFor();
    open = false;
    for (const socket of sockets) await socket.close();
    await server.ask('mutation ($c: [String!]!) { deleteChannels(input: {cids: $c}) }', { c: [cid] });
    await server.ask('mutation ($i: CreateOrUpdateStreamChatChanelInput!) { createOrUpdateChannel(input: $i) }', { i: { id, name: 'Made anew' } });
    await post(['new']);
    await page.getByText('New messages may be late').waitFor();
    open = true;
    await message('new').waitFor();
    await expect.poll(() => message('old').count()).toBe(0);
    await page.getByRole('heading', { name: 'Made anew' }).waitFor();
  });
});

describe('writing', () => {
  test('mentions people who are found by a part of their name, and sends with what is attached', async () => {
    const other = await Visit.open(browser, server);
    await enter();
    await enter(other, mint({ sub: 'bob', name: 'Bob' }));
    await field().click();
    await page.keyboard.type('Hello @an');
    await page.getByRole('option', { name: /Ann Lee/ }).waitFor();
    await visit.expectAccessible();
    await page.keyboard.press('Enter');
    await page.keyboard.type('**look**');
    await expect.poll(() => field().inputValue()).toBe('Hello @Ann Lee **look**');
    await page.getByRole('button', { name: 'Attach from an address' }).click();
    const form = page.getByRole('form', { name: 'Attach from an address' });
    await form.getByLabel('Address of the picture or video').fill(`${server.url}/console/a.svg`);
    await page.keyboard.press('Enter');
    await form.getByText('Only .png, .jpg').waitFor();
    await visit.expectAccessible();
    await form.getByLabel('Address of the picture or video').fill(`${server.url}/media/picture.png`);
    await form.getByLabel('Title', { exact: true }).fill('The plan');
    await form.getByLabel('Link of the title').fill('https://example.com/plan');
    await page.keyboard.press('Enter');
    await form.waitFor({ state: 'detached' });
    await page.getByText('Mentions 1 person:').waitFor();
    await page.getByText('Preview', { exact: true }).click();
    const preview = page.getByRole('group', { name: 'As a customer sees it' });
    await preview.locator('[data-mention]').waitFor();
    await expect.poll(() => preview.locator('strong').textContent()).toBe('look');
    await visit.expectAccessible();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    const arrived = message('Hello @Ann Lee look', other.page);
    await arrived.waitFor();
    await expect.poll(() => arrived.locator('[data-mention]').textContent()).toBe('@Ann Lee');
    await expect.poll(() => arrived.getByRole('link', { name: 'The plan' }).last().getAttribute('href')).toBe('https://example.com/plan');
    const [sent] = await stored();
    expect(sent?.mentionedUsers).toEqual([{ id: 'ann' }]);
    expect(sent?.attachments).toEqual([{ assetUrl: `${server.url}/media/picture.png`, title: 'The plan', titleLink: 'https://example.com/plan' }]);
    visit.forgive(/404/);
    other.forgive(/404/);
    await other.close();
  });

  test('keeps the draft over leaving, a reload, and an expired sign-in', async () => {
    await enter(visit, mint({ exp: Math.floor(Date.now() / 1000) + 8 }));
    await field().fill('half a thought');
    await page.getByRole('navigation').getByRole('link', { name: 'Channels' }).click();
    await page.getByRole('heading', { name: 'Channels' }).waitFor();
    await page.goBack();
    await expect.poll(() => field().inputValue()).toBe('half a thought');
    await page.reload();
    await field().waitFor();
    await expect.poll(() => field().inputValue()).toBe('half a thought');
    await page.getByText('Your sign-in has expired').waitFor();
    await page.getByLabel('Access token').fill(mint());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await field().waitFor();
    await expect.poll(() => field().inputValue()).toBe('half a thought');
    await page.keyboard.press('Tab');
    await field().press('Control+Enter');
    await message('half a thought').waitFor();
  });

  test('leaves no draft behind for who signs in after one has signed out', async () => {
    await enter();
    await field().fill('private');
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByLabel('Access token').waitFor();
    await expect.poll(() => page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain('private');
  });

  test('tells the limits before it sends', async () => {
    await enter();
    await field().fill('a'.repeat(4_999));
    await page.getByText('4,999 of 5,000 characters').waitFor();
    await field().fill('👍'.repeat(5_001));
    await page.getByText('At most 5,000 characters: 1 too many.').waitFor();
    await field().press('Control+Enter');
    await visit.expectAccessible();
    await expect.poll(() => texts()).toEqual([]);
    await field().fill('👍'.repeat(5_000));
    await field().press('Control+Enter');
    await expect.poll(async () => (await texts()).length).toBe(1);
  });

  test('shows why the server refused a message, which can be changed', async () => {
    await enter();
    const draft = { text: 'hi @Nobody', attachments: [], picked: [{ id: 'nobody', name: 'Nobody' }] };
    await page.evaluate(([key, value]) => sessionStorage.setItem(key ?? '', value ?? ''), [`channel-draft:clerk:${cid}`, JSON.stringify(draft)]);
    await page.reload();
    await field().press('Control+Enter');
    await page.getByText('Not sent').waitFor();
    await page.getByRole('alert').filter({ hasText: /nobody/ }).waitFor();
    await visit.expectAccessible();
    await page.getByRole('button', { name: 'Change it' }).click();
    await expect.poll(() => field().inputValue()).toBe('hi @Nobody');
    await field().fill('hi all');
    await field().press('Control+Enter');
    await message('hi all').waitFor();
    await expect.poll(() => texts()).toEqual(['hi all']);
  });
});

describe('files', () => {
  const picker = () => page.locator('input[type=file]');
  const attachments = () => page.getByRole('list', { name: 'Attachments' });
  /** A picture as a camera makes it: of no pattern, so of a size. */
  const picture = async (size = 64) => {
    const maker = await visit.context.newPage();
    await maker.setViewportSize({ width: size, height: size });
    await maker.setContent('<canvas style="position:fixed;inset:0;width:100%;height:100%"></canvas>');
    await maker.evaluate((size) => {
      const canvas = document.querySelector('canvas') as HTMLCanvasElement;
      canvas.width = canvas.height = size;
      const context = canvas.getContext('2d') as CanvasRenderingContext2D;
      const data = context.createImageData(size, size);
      for (let at = 0; at < data.data.length; at++) data.data[at] = at % 4 === 3 ? 255 : Math.random() * 256;
      context.putImageData(data, 0, 0);
    }, size);
    const png = await maker.screenshot();
    await maker.close();
    return png;
  };
  /** Gives a file to the field as the browser does on a paste or drop. */
  const hand = (how: 'paste' | 'drop', name: string, content: Buffer) =>
    field().evaluate(
      (element, [how, name, base64]) => {
        const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(atob(base64 ?? ''), (each) => each.charCodeAt(0))], name ?? '', { type: 'image/png' }));
        const event =
          how === 'paste'
            ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
            : new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
        element.dispatchEvent(event);
      },
      [how, name, content.toString('base64')],
    );

  test('are picked, pasted and dropped, and a second browser sees them', async () => {
    const other = await Visit.open(browser, server);
    await enter();
    await enter(other, mint({ sub: 'bob', name: 'Bob' }));
    await picker().setInputFiles({ name: 'picked.png', mimeType: 'image/png', buffer: await picture() });
    await hand('paste', 'pasted.png', await picture(65));
    await hand('drop', 'dropped.png', await picture(66));
    for (const name of ['picked.png', 'pasted.png', 'dropped.png']) {
      await expect.poll(() => attachments().getByLabel(/^Title of attachment/).evaluateAll((all) => all.map((each) => (each as HTMLInputElement).value))).toContain(name);
    }
    await visit.expectAccessible();
    await field().fill('three pictures');
    await field().press('Control+Enter');
    const arrived = message('three pictures', other.page);
    await arrived.waitFor();
    await expect.poll(() => arrived.locator('img').evaluateAll((all) => all.map((each) => (each as HTMLImageElement).naturalWidth).sort())).toEqual([64, 65, 66]);
    await expect.poll(() => attachments().count()).toBe(0);
    await other.close();
  });

  test('show how far they are, keep the message from being sent without them, and can be stopped', async () => {
    await enter();
    const slow = await visit.context.newCDPSession(page);
    await slow.send('Network.enable');
    await slow.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 150_000 });
    await field().fill('soon');
    await picker().setInputFiles({ name: 'large.png', mimeType: 'image/png', buffer: await picture(600) });
    const bar = page.getByRole('progressbar', { name: 'Upload of large.png' });
    await expect.poll(async () => Number(await bar.getAttribute('aria-valuenow'))).toBeGreaterThan(10);
    await page.getByText('You can send once the files are there.').waitFor();
    await visit.expectAccessible();
    await field().press('Control+Enter');
    await page.getByRole('button', { name: 'Remove large.png' }).click();
    await bar.waitFor({ state: 'detached' });
    await field().press('Control+Enter');
    await message('soon').waitFor();
    expect((await stored()).map(({ attachments }) => attachments.length)).toEqual([0]);
  });

  test.each([
    ['a page with the name of a picture', 'a.png', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', /is SVG, and its name says something else/],
    ['an archive with the name of a video', 'a.mp4', 'PK\u0003\u0004 nothing of a video', /.png, .jpg/],
    ['a file of another type', 'a.svg', '<svg/>', /.png, .jpg/],
    ['a picture that is cut off', 'b.png', '\u0089PNG\r\n\u001a\n', /./],
  ])('%s gets a verdict, and nothing is sent with it', async (_what, name, content, words) => {
    await enter();
    await field().fill('look');
    await picker().setInputFiles({ name, mimeType: 'image/png', buffer: Buffer.from(content, 'latin1') });
    const refusal = page.getByRole('alert').filter({ hasText: name });
    await refusal.filter({ hasText: words }).waitFor();
    await page.getByText('Remove the file that was refused').waitFor();
    await visit.expectAccessible();
    await field().press('Control+Enter');
    await refusal.getByRole('button', { name: `Remove ${name}` }).click();
    await field().press('Control+Enter');
    await message('look').waitFor();
    expect((await stored()).map(({ attachments }) => attachments.length)).toEqual([0]);
    visit.forgive(/status of 4\d\d/);
  });
});

describe('changing', () => {
  test('edits, pins and deletes with the keyboard alone, and keeps the focus', async () => {
    await post(['one', 'two', 'three']);
    await enter();
    await message('three').waitFor();
    await message('three').focus();
    await page.keyboard.press('ArrowUp');
    const focused = () => page.evaluate(() => document.activeElement?.closest('[role=article]')?.textContent ?? '');
    await expect.poll(focused).toContain('two');
    await page.keyboard.press('e');
    const dialog = page.getByRole('dialog', { name: 'Edit the message from Ann Lee' });
    await dialog.waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA');
    await visit.expectAccessible();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('two, better');
    await page.keyboard.press('Control+Enter');
    await dialog.waitFor({ state: 'detached' });
    await message('two, better').filter({ hasText: 'edited' }).waitFor();
    await expect.poll(focused).toContain('two, better');

    await page.keyboard.press('p');
    await message('two, better').filter({ hasText: 'Pinned' }).waitFor();
    await page.getByRole('alert').filter({ hasText: 'Pinned.' }).getByRole('button', { name: 'Undo' }).click();
    await message('two, better').filter({ hasText: 'Pinned' }).waitFor({ state: 'detached' });

    await message('two, better').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: /Delete/ }).waitFor();
    await visit.expectAccessible();
    await page.keyboard.press('Escape');
    await expect.poll(focused).toContain('two, better');
    await page.keyboard.press('Delete');
    await page.getByRole('dialog', { name: 'Delete the message from Ann Lee (ann)?' }).waitFor();
    await page.getByText('you can undo that in Activity').waitFor();
    await visit.expectAccessible();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await message('This message was deleted.').waitFor();
    await expect.poll(focused).toContain('This message was deleted.');
    expect((await stored()).map(({ text }) => text)).toEqual(['one', '', 'three']);
  });

  test('adds and removes members and makes moderators, each with an undo', async () => {
    await enter();
    await page.getByRole('button', { name: 'Members' }).click();
    const drawer = page.getByRole('dialog', { name: 'Members' });
    await drawer.getByText('No members yet').waitFor();
    await drawer.getByRole('combobox', { name: 'Add members' }).fill('bob');
    await drawer.getByRole('option', { name: /Bob/ }).click();
    await page.keyboard.press('Escape');
    await drawer.getByRole('button', { name: 'Add', exact: true }).click();
    const row = drawer.getByRole('listitem').filter({ hasText: 'Bob' });
    await row.waitFor();
    await visit.expectAccessible();
    await row.getByRole('button', { name: 'What to do with Bob' }).click();
    await page.getByRole('menuitem', { name: 'Make moderator of the chat' }).waitFor();
    await visit.expectAccessible();
    await page.getByRole('menuitem', { name: 'Make moderator of the chat' }).click();
    await row.getByText('Moderator').waitFor();
    const role = async () => (await server.ask<{ chatUsers: { nodes: { role: string }[] } }>('{ chatUsers(search: "bob") { nodes { role } } }')).chatUsers.nodes[0]?.role;
    await expect.poll(() => role()).toBe('MODERATOR');
    await page.getByRole('alert').filter({ hasText: 'Bob (bob) is now' }).getByRole('button', { name: 'Undo' }).click();
    await expect.poll(role).toBe('USER');
    await row.getByRole('button', { name: 'What to do with Bob' }).click();
    await page.getByRole('menuitem', { name: 'Remove from the channel' }).click();
    await drawer.getByText('No members yet').waitFor();
  });

  test('freezes the channel and opens it again', async () => {
    await enter();
    const frozen = async () => (await server.ask<{ channel: { frozen: boolean } }>('query ($c: String!) { channel(cid: $c) { frozen } }', { c: cid })).channel.frozen;
    const more = page.getByRole('button', { name: 'More', exact: true });
    await more.click();
    await page.getByRole('menuitem', { name: 'Freeze', exact: true }).click();
    await page.getByText('This channel is frozen for customers.').waitFor();
    await expect.poll(() => frozen()).toBe(true);
    await page.getByRole('button', { name: 'Undo' }).click();
    await more.click();
    await page.getByRole('menuitem', { name: 'Freeze', exact: true }).waitFor();
    await expect.poll(() => frozen()).toBe(false);
  });
});

describe('trouble', () => {
  test('a message that was sent while the server was away is posted once', async () => {
    await post(['before']);
    await enter();
    await message('before').waitFor();
    await server.kill();
    await page.getByText('The server cannot be reached.').first().waitFor();
    await field().fill('into the void');
    await field().press('Control+Enter');
    await page.getByText('Not sent').waitFor();
    await visit.expectAccessible();
    await server.begin();
    await page.getByText('Connected again.').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await message('into the void').waitFor();
    await page.locator('[data-outgoing]').waitFor({ state: 'detached' });
    await expect.poll(() => texts()).toEqual(['before', 'into the void']);
    visit.forgive(/ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/);
  });

  test('a message whose answer was lost is not posted twice, not even after a reload', async () => {
    await enter();
    // The server takes it, and the answer never comes back.
    await page.route('**/graphql', async (route) => {
      if (route.request().postData()?.includes('sendMessageToChannel') !== true) return route.continue();
      await route.fetch();
      await route.abort('connectionreset');
    });
    await visit.context.routeWebSocket(/graphql/, () => undefined);
    await page.reload();
    await field().fill('once');
    await field().press('Control+Enter');
    await page.getByText('Not sent').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Not sent').waitFor();
    await page.unroute('**/graphql');
    await page.reload();
    await page.getByText('The page was closed before the server answered').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('[data-outgoing]').waitFor({ state: 'detached' });
    await expect.poll(() => texts()).toEqual(['once']);
    await expect.poll(() => message('once').count()).toBe(1);
    visit.forgive(/ERR_CONNECTION_RESET/);
  });

  test('goes on where it was when the server was killed and is back, without gap or repeat', async () => {
    await enter();
    await post(['0']);
    await message('0').waitFor();
    const said = ['0'];
    for (let round = 1; round <= 3; round++) {
      await server.kill();
      await pause(round * 200);
      await server.begin();
      const more = Array.from({ length: 5 }, (_, n) => `${round}.${n}`);
      await post(more);
      said.push(...more);
      await message(`${round}.4`).waitFor();
    }
    const shown = await page.locator('[data-message]').evaluateAll((all) => all.map((each) => each.querySelector('p')?.textContent));
    expect(shown).toEqual(said);
    visit.forgive(/ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/);
  });
});

describe('everywhere', () => {
  test('fits 360 pixels and 4K, in light, dark and from right to left', async () => {
    await post(['Hello @Ann Lee', 'A `word` and https://example.com/a/very/long/path/that/never/ends/anywhere/at/all/really'], { mentionedUsersIds: ['ann'] });
    for (const viewport of [NARROW, { width: 3840, height: 2160 }]) {
      await page.setViewportSize(viewport);
      await enter();
      await message('Hello').waitFor();
      await visit.expectNoSidewaysScroll();
      await visit.expectAccessible();
      await page.emulateMedia({ colorScheme: 'dark' });
      await visit.expectAccessible();
      await page.emulateMedia({ colorScheme: 'light' });
    }
    const arabic = await Visit.open(browser, server, { locale: 'ar' });
    await arabic.signIn(`/channels/${cid}`);
    await message('Hello', arabic.page).waitFor();
    await arabic.expectAccessible();
    await arabic.close();
  });

  test('copies the documented operation with what is being written', async () => {
    await enter();
    await field().fill('from the console');
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Copy as…' }).click();
    const code = page.locator('pre');
    await expect.poll(() => code.textContent()).toContain('sendMessageToChannel(input: $input)');
    await expect.poll(() => code.textContent()).toContain('"text": "from the console"');
    await page.getByText('curl', { exact: true }).click();
    await expect.poll(() => code.textContent()).toContain(`curl -s '${server.url}/graphql'`);
  });
});
