import { mint, type Server } from '../server.ts';

const CHANNELS = [
  ['Announcements', 'Livestream', 4],
  ['Book club', 'Team', 12],
  ['Chess evenings', 'Gaming', 31],
  ['Customer support', 'Messaging', 58],
  ['Delivery questions', 'Messaging', 17],
  ['Flea market', 'Commerce', 26],
  ['Garden & balcony', 'Team', 9],
  ['Launch night', 'Livestream', 73],
  ['Night shift', 'Team', 3],
  ['Photo contest', 'Livestream', 41],
  ['Returns and refunds', 'Commerce', 0],
  ['Speed-running club', 'Gaming', 22],
  ['إعلانات المتجر', 'Livestream', 7],
  ['Служба поддержки', 'Messaging', 5],
] as const;

const LINES = [
  'Doors open at seven. Who is bringing the projector?',
  'The parcel arrived today, thank you for looking into it.',
  'Could somebody pin the rules, please?',
  'I have sent you the form again.',
];

/** The same shop's chat each time: people, channels of all types, and what was said. */
export async function seed(server: Server): Promise<void> {
  const users = ['Amira Haddad', 'Ben Okafor', 'Chiara Russo', 'Dmitri Volkov', 'Emi Tanaka'].map((name) => ({
    id: name.split(' ')[0]?.toLowerCase(),
    name,
  }));
  await server.ask('mutation ($u: [ChatUserInput!]!) { upsertChatUsers(input: {users: $u}) { users { id } } }', { u: users });
  for (const [name, type, messages] of CHANNELS) {
    const id = name.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || `channel-${messages}`;
    await server.ask(
      'mutation ($i: CreateOrUpdateStreamChatChanelInput!) { createOrUpdateChannel(input: $i) }',
      { i: { id, name, type } },
    );
    const fields = Array.from({ length: messages }, (_, n) => `m${n}: sendMessageToChannel(input: {channelId: ${JSON.stringify(id)}, type: ${type}, text: ${JSON.stringify(LINES[n % LINES.length])}})`);
    for (let from = 0; from < fields.length; from += 20) {
      const token = mint({ sub: users[from % users.length]?.id, name: users[from % users.length]?.name });
      await server.ask(`mutation { ${fields.slice(from, from + 20).join('\n')} }`, {}, token);
    }
  }
}
