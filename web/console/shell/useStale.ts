import { useTranslation } from 'react-i18next';

import { useProvider } from '../graphql/provider.ts';

/** Says how old a list may be where the chat's lists are not always current. */
export function useStale(): (note: string | undefined) => string | undefined {
  const { t } = useTranslation('shell');
  const seconds = useProvider()?.listStaleness ?? 0;
  return (note) => (note === undefined || seconds === 0 ? note : `${note} · ${t('stale', { seconds })}`);
}
