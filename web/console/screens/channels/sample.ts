import { useApolloClient } from '@apollo/client/react';
import { useCallback, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { newKey, once } from '../../graphql/key.ts';
import { CreateOrUpdateChannelDocument, PostSampleDocument } from './channels.generated.ts';

const CHANNELS = [
  { id: 'sample-announcements', type: 'Livestream', name: 'sampleAnnouncements', lines: ['sampleWelcome', 'sampleHours'] },
  { id: 'sample-support', type: 'Messaging', name: 'sampleSupport', lines: ['sampleParcel', 'sampleAnswer'] },
  { id: 'sample-team', type: 'Team', name: 'sampleTeam', lines: ['sampleShift'] },
] as const;

/** Makes a few channels with messages, in the user's language; where that failed, another try goes on with it. */
export function useSample(): () => Promise<void> {
  const { t } = useTranslation('channels');
  const client = useApolloClient();
  const key = useRef('');
  return useCallback(async () => {
    if (key.current === '') key.current = newKey();
    for (const { id, type, name, lines } of CHANNELS) {
      await client.mutate({
        mutation: CreateOrUpdateChannelDocument,
        variables: { input: { id, type, name: t(name) } },
        context: once(`${key.current}-${id}`),
      });
      for (const line of lines) {
        await client.mutate({
          mutation: PostSampleDocument,
          variables: { input: { channelId: id, type, text: t(line) } },
          context: once(`${key.current}-${line}`),
        });
      }
    }
    key.current = '';
  }, [client, t]);
}
