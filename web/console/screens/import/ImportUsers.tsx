import { useApolloClient } from '@apollo/client/react';
import { Button } from '@mantine/core';
import { ArrowLeft } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { Failure } from '../../shell/Failure.tsx';
import { Screen } from '../../shell/Screen.tsx';
import { ImportUsersDocument, KnownUsersDocument } from './import.generated.ts';
import { keep, keptPlan, leave, type Plan } from './kept.ts';
import { MOST_LINES, parseUsers, type Entry } from './parse.ts';
import { planOf, type Known } from './plan.ts';
import { Preview } from './Preview.tsx';
import { Source } from './Source.tsx';

const AT_ONCE = 200; // what chatUsers takes

/** From a list to users, by way of what will change. */
export default function ImportUsers() {
  const { t } = useTranslation('userImport');
  const client = useApolloClient();
  const [text, setText] = useState('');
  const last = useRef(''); // A field with a large file's text would stop the page for seconds.
  const [busy, setBusy] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [plan, setPlan] = useState(keptPlan);
  useEffect(() => leave, []);
  const show = (next: Plan | undefined) => {
    keep(next);
    setPlan(next);
  };

  const known = async (entries: readonly Entry[]) => {
    const ids = [...new Set(entries.filter(({ fault }) => fault === undefined).map(({ id }) => id))];
    const found = new Map<string, Known>();
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      setBusy(t('comparing', { done: from, total: ids.length }));
      const { data } = await client.query({ query: KnownUsersDocument, variables: { ids: ids.slice(from, from + AT_ONCE) }, fetchPolicy: 'no-cache' });
      for (const user of data?.chatUsers.nodes ?? []) found.set(user.id, user);
    }
    return found;
  };
  const preview = async (list: string) => {
    last.current = list;
    setBusy(t('reading'));
    setProblem(undefined);
    setError(undefined);
    try {
      const entries = await parseUsers(list);
      if (typeof entries === 'string') setProblem(t(entries, { most: MOST_LINES }));
      else show({ steps: planOf(entries, await known(entries)) });
    } catch (failure) {
      setError(failure);
    }
    setBusy(undefined);
  };

  return (
    <Screen
      title={t('title')}
      operations={[
        { document: ImportUsersDocument, variables: { input: { users: [{ id: 'anna', name: 'Anna', role: 'MODERATOR' }] } } },
        { document: KnownUsersDocument, variables: { ids: ['anna'] } },
      ]}
      actions={
        <Button component={Link} href="/users" size="compact-sm" variant="default" leftSection={<ArrowLeft size={16} aria-hidden className="bc-mirror" />}>
          {t('back')}
        </Button>
      }
      fill={plan !== undefined}
    >
      {plan === undefined ? (
        <>
          <Source text={text} onText={setText} busy={busy} problem={problem} onPreview={(list) => void preview(list)} onProblem={setProblem} />
          {error !== undefined && <Failure error={error} onRetry={() => void preview(last.current)} />}
        </>
      ) : (
        <Preview
          plan={plan}
          onStartOver={() => {
            show(undefined);
            setText('');
          }}
        />
      )}
    </Screen>
  );
}
