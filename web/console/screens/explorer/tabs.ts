interface ExampleTab {
  query: string;
  variables?: string;
}

// One channel, from its creation to its end: run from left to right, the tabs
// touch nothing that was there before.
const CHANNEL = 'explorer-demo';

/** The documented operations, ready to run; `userId` is whose role the role tab would set. */
export function exampleTabs(userId: string): ExampleTab[] {
  return [
    {
      query: `# Lists all channels, ordered by name.
query AllChannels {
  allChannels {
    id
    cid
    type
    name
    avatar
  }
}
`,
    },
    {
      query: `# Creates the channel, or updates it.
mutation CreateChannel($input: CreateOrUpdateStreamChatChanelInput!) {
  createOrUpdateChannel(input: $input)
}
`,
      variables: json({
        input: {
          id: CHANNEL,
          name: 'Explorer demo',
          type: 'Livestream',
        },
      }),
    },
    {
      query: `# Sends a message to a channel, in your name.
mutation SendMessage($input: SendMessageToChannelChanelInput!) {
  sendMessageToChannel(input: $input)
}
`,
      variables: json({
        input: {
          channelId: CHANNEL,
          text: 'Important announcement for all users!',
          attachments: [{ title: 'Event Image', assetUrl: 'https://example.com/images/event.jpg' }],
          mentionedUsersIds: [],
          type: 'Livestream',
        },
      }),
    },
    {
      query: `# Sets a user's role: USER, MODERATOR or ADMIN.
mutation SetRole($input: UpdateUsersChatRoleInput!) {
  setRoleToUsersOnChat(input: $input)
}
`,
      variables: json({ input: { userId, role: 'MODERATOR' } }),
    },
    {
      query: `# Deletes channels, with all their messages.
mutation DeleteChannels($input: DeleteStreamChatChanelInput!) {
  deleteChannels(input: $input)
}
`,
      variables: json({ input: { cids: [`livestream:${CHANNEL}`] } }),
    },
  ];
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
