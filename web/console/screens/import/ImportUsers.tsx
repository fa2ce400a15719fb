import { Button } from '@mantine/core';
import { ArrowLeft } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { Failure } from '../../shell/Failure.tsx';
import { Screen } from '../../shell/Screen.tsx';
import { ImportUsersDocument } from './import.generated.ts';
import { keep, keptPlan, leave, type Plan } from './kept.ts';
import { Preview } from './Preview.tsx';
import { ListRefused, readList } from './read.ts';
import { Source } from './Source.tsx';
import { useFault } from './useFault.ts';

/** From a list to users, by way of what will change. */
export default function ImportUsers() {
  const { t } = useTranslation('userImport');
  const inWords = useFault();
  const [text, setText] = useState('');
  const last = useRef<Blob>(undefined); // A field with a large file's text would stop the page for seconds.
  const leaving = useRef(new AbortController());
  const [busy, setBusy] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [plan, setPlan] = useState(keptPlan);
  useEffect(() => {
    leaving.current = new AbortController();
    return () => {
      leaving.current.abort();
      leave();
    };
  }, []);
  const show = (next: Plan | undefined) => {
    keep(next);
    setPlan(next);
  };

  const preview = async (source: Blob, encoding?: string) => {
    last.current = source;
    setBusy(t('reading'));
    setProblem(undefined);
    setError(undefined);
    try {
      const list = await readList(source, encoding, (done, total) => setBusy(t('comparing', { done, total })), leaving.current.signal);
      show({ list, source, encodingChosen: encoding !== undefined });
    } catch (failure) {
      if (leaving.current.signal.aborted) return;
      show(undefined);
      if (failure instanceof ListRefused) setProblem(inWords(failure.fault));
      else setError(failure);
    }
    setBusy(undefined);
  };

  return (
    <Screen
      title={t('title')}
      operations={[
        { document: ImportUsersDocument, variables: { input: { users: [{ id: 'anna', name: 'Anna', role: 'MODERATOR' }] } } },
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
          <Source text={text} onText={setText} busy={busy} problem={problem} onPreview={(source) => void preview(source)} onProblem={setProblem} />
          {error !== undefined && <Failure error={error} onRetry={() => last.current && void preview(last.current)} />}
        </>
      ) : (
        <Preview
          key={plan.list.encoding}
          plan={plan}
          busy={busy !== undefined}
          onEncoding={(encoding) => void preview(plan.source, encoding)}
          onStartOver={() => {
            show(undefined);
            setText('');
          }}
        />
      )}
    </Screen>
  );
}
