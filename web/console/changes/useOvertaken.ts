import { useApolloClient } from '@apollo/client/react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

import { useFormats } from '../i18n/formats.ts';
import type { Explained } from '../shell/toast.tsx';
import { changeNamed, isOvertaken } from './conflict.ts';

/** For `toast.attempt`: what somebody else changed meanwhile, where that is why something was not done. */
export function useOvertaken(): (error: unknown) => Promise<Explained | undefined> {
  const client = useApolloClient();
  const { t } = useTranslation('changes');
  const { moment } = useFormats();
  const [, navigate] = useLocation();
  return useMemo(
    () => async (error) => {
      if (!isOvertaken(error)) return undefined;
      const change = await changeNamed(client, error);
      if (change === undefined) return { text: t('overtakenUnknown'), actions: [] };
      const text = t('overtaken', { by: change.by === '' ? t('nobody') : change.by, time: moment.format(new Date(change.at)) });
      return { text, actions: [{ label: t('seeInActivity'), run: () => navigate(`/activity?change=${change.id}`) }] };
    },
    [client, t, navigate], // `moment` depends on the language alone, as t does.
  );
}
