// Runs the built explorer in a real browser, under the policy that the server
// sends, against a small GraphQL API of its own.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { buildSchema, graphql } from 'graphql';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
const built = join(here, '../dist/explorer');
const policy = readFileSync(join(here, 'csp.txt'), 'utf8').trim().split('\n').join('; ');
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const shots = process.env.BACKCHANNEL_SHOTS;

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

const schema = buildSchema(`
  "A channel, as the back office sees it."
  type Channel { id: String! cid: String! type: String! name: String avatar: String }
  type Query { "All channels of **every** type." allChannels: [Channel!]! }
  enum ChatStreamChannelType { Livestream Messaging Team Gaming Commerce }
  enum ChatRole { USER ADMIN MODERATOR }
  input CreateOrUpdateStreamChatChanelInput {
    id: String name: String! avatarFilename: String type: ChatStreamChannelType = Livestream
  }
  input DeleteStreamChatChanelInput { cids: [String!]! }
  input AttachmentInput { title: String! titleLink: String assetUrl: String! }
  input SendMessageToChannelChanelInput {
    channelId: String! text: String! attachments: [AttachmentInput!]
    mentionedUsersIds: [String!] type: ChatStreamChannelType = Livestream
  }
  input UpdateUsersChatRoleInput { userId: String! role: ChatRole! }
  type Mutation {
    createOrUpdateChannel(input: CreateOrUpdateStreamChatChanelInput!): Boolean
    deleteChannels(input: DeleteStreamChatChanelInput!): Boolean
    sendMessageToChannel(input: SendMessageToChannelChanelInput!): Boolean
    setRoleToUsersOnChat(input: UpdateUsersChatRoleInput!): Boolean
  }
`);

const announcements = {
  id: 'announcements',
  cid: 'livestream:announcements',
  type: 'livestream',
  name: 'Announcements',
  avatar: null,
};

/** Starts page and API on one origin; `operations` collects what the API was asked. */
async function startServer() {
  const operations = [];
  const answer = async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const { query, variables, operationName } = JSON.parse(body);
    operations.push({ query, variables, operationName, method: request.method, headers: request.headers });
    const yes = () => true;
    const rootValue = {
      allChannels: () => [announcements],
      createOrUpdateChannel: yes,
      deleteChannels: yes,
      sendMessageToChannel: yes,
      setRoleToUsersOnChat: yes,
    };
    const result = await graphql({ schema, source: query, rootValue, variableValues: variables, operationName });
    response.writeHead(200, { 'Content-Type': 'application/graphql-response+json' }).end(JSON.stringify(result));
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    if (pathname === '/graphql') return void answer(request, response);
    if (pathname === '/explorer') return void response.writeHead(307, { Location: '/explorer/' }).end();
    const file = join(built, pathname === '/explorer/' ? 'index.html' : pathname.replace('/explorer/', ''));
    if (!pathname.startsWith('/explorer/') || !existsSync(file)) return void response.writeHead(404).end();
    response
      .writeHead(200, {
        'Content-Type': types[extname(file)],
        'Content-Security-Policy': policy,
        'Referrer-Policy': 'no-referrer',
        'X-Content-Type-Options': 'nosniff',
      })
      .end(readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, operations, close: () => server.close() };
}

/** A token that says what the test wants; only the server would check its signature. */
function token(claims = {}) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const all = { sub: 'dev', name: 'Zoë Developer', roles: ['BO'], exp: nowSeconds() + 12 * 3600, ...claims };
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(all)}.c2lnbmF0dXJl`;
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

if (!existsSync(executablePath)) {
  const missing = `${executablePath} is missing: install it with "apt-get install -y chromium", or name one in CHROMIUM`;
  if (process.env.BACKCHANNEL_SKIP_BROWSER) {
    test('the explorer in a browser', { skip: `nothing of the explorer was run in a browser: ${missing}` }, () => {});
  } else {
    test('the explorer in a browser', () => assert.fail(`${missing} (BACKCHANNEL_SKIP_BROWSER=1 leaves this test out)`));
  }
} else {
  describe('the explorer in a browser', { timeout: 120_000 }, browserTests);
}

function browserTests() {
  let browser, server, context, page, faults;

  before(async () => {
    server = await startServer();
    browser = await chromium.launch({
      executablePath,
      args: [
        '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
        '--disable-background-networking', '--disable-component-update', '--disable-sync',
      ],
    });
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  // Whatever a test does: no error, no breach of the policy, no foreign request,
  // nothing in localStorage.
  beforeEach(() => openPage());
  afterEach(async () => {
    const local = await page.evaluate(() => JSON.stringify(localStorage));
    await context.close();
    assert.deepEqual(faults, []);
    assert.equal(local, '{}');
  });

  async function openPage(options = {}) {
    await context?.close();
    server.operations.length = 0;
    faults = [];
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    context.setDefaultTimeout(15_000);
    page = await context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) faults.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => faults.push(`page: ${error.message}`));
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol !== 'data:' && url.origin !== server.origin) faults.push(`request: ${url}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) faults.push(`response: ${response.status()} ${response.url()}`);
    });
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) =>
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`),
      );
    });
  }

  async function visit(fragment = '') {
    await page.goto(`${server.origin}/explorer${fragment}`);
    await page.locator('.graphiql-query-editor .CodeMirror').waitFor();
    await page.waitForFunction(() => document.querySelector('.graphiql-spin') === null);
  }

  const bar = () => page.locator('.bc-bar');
  const tab = (name) => page.locator('.graphiql-tab-button', { hasText: name });
  const answer = () => page.locator('.graphiql-response .CodeMirror-code');
  const run = () => page.locator('.graphiql-execute-button').click();
  const sees = (locator, text) => locator.filter({ hasText: text }).first().waitFor();
  const named = (name) => server.operations.filter((operation) => operation.operationName === name);
  // GraphiQL stores its tabs, and which is open, a while after the fact.
  const tabStored = (index) =>
    page.waitForFunction((index) => {
      const state = sessionStorage.getItem('graphiql:tabState');
      return state !== null && JSON.parse(state).activeTabIndex === index;
    }, index);
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

  test('takes the token from the address, hides it there and sends it', async () => {
    const secret = token();
    await visit(`#token=${secret}`);

    assert.equal(page.url(), `${server.origin}/explorer/`);
    await sees(bar(), 'Zoë Developer');
    await sees(bar(), 'BO');
    await sees(bar(), '12 h left');

    await run();
    await sees(answer(), 'livestream:announcements');
    const [operation] = named('AllChannels');
    assert.equal(operation.method, 'POST');
    assert.equal(operation.headers['content-type'], 'application/json');
    assert.equal(operation.headers.accept, 'application/graphql-response+json, application/json;q=0.9');
    for (const { headers } of server.operations) assert.equal(headers.authorization, `Bearer ${secret}`);
    assert.ok(server.operations.length >= 2, 'the schema is asked for, too');

    assert.ok(await page.evaluate((secret) => JSON.stringify(sessionStorage).includes(secret), secret));
  });

  test('stays signed in over a reload and keeps the tabs', async () => {
    await visit(`#token=${token()}`);
    await tab('SendMessage').click();
    await tabStored(2);
    await page.reload();
    await sees(bar(), 'Zoë Developer');
    await tab('SendMessage').waitFor();
    assert.equal(await page.locator('.graphiql-tab').count(), 5);
  });

  test('opens with the documented operations, ready to run', async () => {
    await visit(`#token=${token()}`);
    const names = ['AllChannels', 'CreateChannel', 'SendMessage', 'SetRole', 'DeleteChannels'];
    assert.deepEqual(await page.locator('.graphiql-tab-button').allTextContents(), names);
    for (const name of names.slice(1)) {
      await tab(name).click();
      await page.locator('.graphiql-query-editor .CodeMirror-code').click();
      await page.keyboard.press('Control+Enter');
      await sees(answer(), 'true');
      assert.equal(await page.locator('.CodeMirror-lint-mark-error').count(), 0, `${name} is valid`);
    }
    assert.equal(named('CreateChannel')[0].variables.input.type, 'Livestream');
    assert.equal(named('SetRole')[0].variables.input.userId, 'dev');
  });

  test('sends the headers of the editor and stores none', async () => {
    await visit(`#token=${token()}`);
    await page.getByRole('button', { name: 'Headers' }).click();
    await page.locator('.graphiql-editor:not(.hidden) .CodeMirror-code').last().click();
    await page.keyboard.insertText('{"Idempotency-Key": "only-once"}');
    await run();
    await sees(answer(), 'livestream:announcements');
    assert.equal(named('AllChannels')[0].headers['idempotency-key'], 'only-once');
    await tab('CreateChannel').click();
    await tabStored(1);
    assert.equal(await page.evaluate(() => JSON.stringify(sessionStorage).includes('only-once')), false);
  });

  test('asks for a token where there is none, and takes a pasted one', async () => {
    await visit();
    await sees(bar(), 'Not signed in');
    assert.equal(server.operations[0].headers.authorization, undefined);

    const field = page.getByLabel('Token');
    await field.fill('no token');
    await field.press('Enter');
    await sees(bar(), 'That is no JWT');

    const secret = token();
    await field.fill(` Bearer ${secret.slice(0, 30)} ${secret.slice(30)} `);
    await page.getByRole('button', { name: 'Use' }).click();
    await sees(bar(), 'Zoë Developer');
    await run();
    await sees(answer(), 'livestream:announcements');
    assert.equal(named('AllChannels')[0].headers.authorization, `Bearer ${secret}`);
  });

  test('asks for another token when this one is over', async () => {
    await visit(`#token=${token({ exp: nowSeconds() - 60 })}`);
    await sees(bar(), 'Token expired');
    await page.getByLabel('Token').fill(token());
    await page.getByLabel('Token').press('Enter');
    await sees(bar(), 'Zoë Developer');
  });

  test('takes a second link in the same tab', async () => {
    await visit(`#token=${token()}`);
    await page.evaluate((secret) => void (location.hash = `token=${secret}`), token({ name: 'Second' }));
    await sees(bar(), 'Second');
    assert.equal(page.url(), `${server.origin}/explorer/`);
  });

  test('forgets everything on signing out', async () => {
    const secret = token();
    await visit(`#token=${secret}`);
    await run();
    await sees(answer(), 'livestream:announcements');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await sees(bar(), 'Not signed in');
    assert.equal(await answer().filter({ hasText: 'livestream' }).count(), 0);
    assert.equal(await page.evaluate((secret) => JSON.stringify(sessionStorage).includes(secret), secret), false);
  });

  test('shows documentation, settings and shortcuts within the policy', async () => {
    await visit(`#token=${token()}`);
    await page.getByLabel('Show Documentation Explorer').click();
    await page.locator('.graphiql-doc-explorer').getByText('Query', { exact: true }).click();
    await sees(page.locator('.graphiql-doc-explorer'), 'All channels of every type.');
    await page.getByLabel('Open settings dialog').click();
    await page.locator('.graphiql-dialog').getByText('Dark').click();
    await page.waitForFunction(() => document.body.classList.contains('graphiql-dark'));
    await page.keyboard.press('Escape');
    await page.getByLabel('Open short keys dialog').click();
    await page.locator('.graphiql-dialog').waitFor();
  });

  for (const [width, height] of [[360, 740], [768, 1024], [1280, 800], [3840, 2160]]) {
    test(`fits ${width} × ${height}, light and dark`, async () => {
      for (const colorScheme of ['light', 'dark']) {
        await openPage({ viewport: { width, height }, colorScheme });
        await visit();
        await shoot(`${width}-${colorScheme}-signed-out`);
        assert.equal(await overflow(), 0, 'signed out, the page scrolls sideways');
        await page.evaluate((secret) => void (location.hash = `token=${secret}`), token());
        await sees(bar(), 'Sign out');
        await run();
        await sees(answer(), 'livestream:announcements');
        await shoot(`${width}-${colorScheme}-all-channels`);
        assert.equal(await overflow(), 0, 'signed in, the page scrolls sideways');
        await tab('SendMessage').click();
        await run();
        await sees(answer(), 'true');
        await shoot(`${width}-${colorScheme}-send-message`);
        await page.getByLabel('Show Documentation Explorer').click();
        await page.locator('.graphiql-doc-explorer').waitFor();
        await shoot(`${width}-${colorScheme}-documentation`);
        assert.equal(await overflow(), 0, 'with the documentation, the page scrolls sideways');
      }
    });
  }

  async function shoot(name) {
    if (!shots) return;
    mkdirSync(shots, { recursive: true });
    await page.mouse.move(0, 0);
    await page.waitForTimeout(300);
    await page.screenshot({ path: join(shots, `${name}.png`) });
  }
}
