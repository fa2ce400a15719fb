// The reference document's two usage examples, as they stand, in rendered React
// components. The first test compares this file with the document, line by line.
import './dom.mjs';

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';

import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { ApolloProvider, useMutation } from '@apollo/client/react';
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { createElement } from 'react';
import { tap } from 'rxjs';

import { withoutRecords } from './adversarial/wire.mjs';
import { usageExamples } from './document.mjs';
import { startServer } from './server.mjs';

// ---- Creating a New Chat Channel

const CREATE_CHANNEL = gql`
  mutation CreateChannel($input: CreateOrUpdateStreamChatChanelInput!) {
    createOrUpdateChannel(input: $input)
  }
`;

function CreateChannel() {
  // Example usage
  const [createChannel] = useMutation(CREATE_CHANNEL);

  const onClick = () => {
    createChannel({
      variables: {
        input: {
          name: 'Announcements',
          avatarFilename: 'announcement-avatar.png',
          type: 'Livestream',
        },
      },
    });
  };
  return createElement('button', { onClick }, 'Create');
}

// ---- Sending a Message to a Channel

const SEND_MESSAGE = gql`
  mutation SendMessage($input: SendMessageToChannelChanelInput!) {
    sendMessageToChannel(input: $input)
  }
`;

function SendMessage() {
  // Example usage
  const [sendMessage] = useMutation(SEND_MESSAGE);

  const onClick = () => {
    sendMessage({
      variables: {
        input: {
          channelId: 'announcements',
          text: 'Important announcement for all users!',
          attachments: [
            {
              title: 'Event Image',
              assetUrl: 'https://example.com/images/event.jpg',
            },
          ],
          mentionedUsersIds: ['user1', 'user2'],
        },
      },
    });
  };
  return createElement('button', { onClick }, 'Send');
}

// ---- The tests

let server, client;
const answers = []; // each as it came over the wire, which the examples themselves don't look at

before(async () => {
  server = await startServer();
  server.importUsers([
    { id: 'user1', name: 'Uma' },
    { id: 'user2', name: 'Umar' },
  ]);
  const listen = new ApolloLink((operation, forward) => forward(operation).pipe(tap((answer) => answers.push(answer))));
  const http = new HttpLink({ uri: server.url, headers: { Authorization: `Bearer ${server.token}` } });
  client = new ApolloClient({ link: listen.concat(http), cache: new InMemoryCache() });
});

afterEach(() => {
  cleanup();
  answers.length = 0;
});

after(() => server?.stop());

test('the examples in this file are the document’s, to the letter', () => {
  const lines = readFileSync(new URL(import.meta.url), 'utf8').split('\n').map((line) => line.trim());
  for (const example of Object.values(usageExamples)) {
    const call = example.findIndex((line) => line.startsWith('const [')) + 1;
    const usage = example.indexOf('// Example usage');
    for (const part of [example.slice(0, usage), example.slice(usage, call), example.slice(call)]) {
      assert.ok(includesInARow(lines, part), `not in this file:\n${part.join('\n')}`);
    }
  }
});

test('a new chat channel is created, with the picture that a server for development has', async () => {
  await press(CreateChannel, 'Create');
  assert.deepEqual(answers.map(withoutRecords), [{ data: { createOrUpdateChannel: true } }]);
  const avatar = new URL('/media/announcement-avatar.png', server.url).href;
  assert.equal((await fetch(avatar)).headers.get('Content-Type'), 'image/png');
  assert.deepEqual(
    await ask(gql`
      {
        channel(cid: "livestream:announcements") {
          id
          cid
          type
          name
          avatar
        }
      }
    `),
    {
      channel: {
        __typename: 'Channel',
        id: 'announcements',
        cid: 'livestream:announcements',
        type: 'livestream',
        name: 'Announcements',
        avatar,
      },
    },
  );
});

test('a message is sent to the channel', async () => {
  await press(SendMessage, 'Send');
  assert.deepEqual(answers, [{ data: { sendMessageToChannel: true } }]);
  const { messages } = await ask(gql`
    {
      messages(cid: "livestream:announcements") {
        nodes {
          seq
          text
          sender {
            id
            name
          }
          attachments {
            type
            title
            titleLink
            assetUrl
            imageUrl
          }
          mentionedUsers {
            id
            name
          }
        }
      }
    }
  `);
  assert.deepEqual(messages.nodes, [
    {
      __typename: 'Message',
      seq: 1,
      text: 'Important announcement for all users!',
      sender: { __typename: 'ChatUser', id: 'clerk', name: 'Back-office clerk' },
      attachments: [
        {
          __typename: 'Attachment',
          type: 'image',
          title: 'Event Image',
          titleLink: null,
          assetUrl: 'https://example.com/images/event.jpg',
          imageUrl: 'https://example.com/images/event.jpg',
        },
      ],
      mentionedUsers: [
        { __typename: 'ChatUser', id: 'user1', name: 'Uma' },
        { __typename: 'ChatUser', id: 'user2', name: 'Umar' },
      ],
    },
  ]);
});

/** Renders a component, presses its button and waits for the answer. */
async function press(component, button) {
  render(createElement(ApolloProvider, { client }, createElement(component)));
  fireEvent.click(screen.getByRole('button', { name: button }));
  await waitFor(() => assert.equal(answers.length, 1));
}

async function ask(query) {
  const { data } = await client.query({ query, fetchPolicy: 'no-cache' });
  return data;
}

function includesInARow(lines, part) {
  return lines.some((_, i) => part.every((line, j) => lines[i + j] === line));
}
