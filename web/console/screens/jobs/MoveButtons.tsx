import { useApolloClient } from '@apollo/client/react';
import { Button } from '@mantine/core';
import { CircleStop, Pause, Play, RotateCw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { newKey, once } from '../../graphql/key.ts';
import { Ask } from '../../shell/Ask.tsx';
import { useToast } from '../../shell/toast.tsx';
import type { Job } from './job.ts';
import { PauseJobDocument, ResumeJobDocument, RetryJobDocument, StopJobDocument } from './jobs.generated.ts';

const MOVES = {
  pause: { document: PauseJobDocument, icon: Pause, from: ['RUNNING'] },
  resume: { document: ResumeJobDocument, icon: Play, from: ['PAUSED'] },
  stop: { document: StopJobDocument, icon: CircleStop, from: ['RUNNING', 'PAUSED'] },
  retry: { document: RetryJobDocument, icon: RotateCw, from: ['DONE_WITH_FAILURES'] },
  rest: { document: RetryJobDocument, icon: Play, from: ['STOPPED'] },
} as const;

/** What can be done about a job in its state. `name` says which job, for who doesn't see where the buttons stand. */
export function MoveButtons({ job, name }: { job: Job; name: string }) {
  const { t } = useTranslation('jobs');
  const client = useApolloClient();
  const toast = useToast();
  const [busy, setBusy] = useState(false);
  const [stopping, setStopping] = useState(false);
  const move = async (document: (typeof MOVES)[keyof typeof MOVES]['document']) => {
    setBusy(true);
    const context = once(newKey());
    await toast.attempt(async () => void (await client.mutate({ mutation: document, variables: { input: { id: job.id } }, context })));
    setBusy(false);
  };
  const left = job.done < job.total;
  const possible = (Object.keys(MOVES) as (keyof typeof MOVES)[]).filter((each) => MOVES[each].from.some((state) => state === job.state) && (each !== 'rest' || left));
  return (
    <>
      {possible.map((each) => {
        const { document, icon: Icon } = MOVES[each];
        return (
          <Button
            key={each}
            size="compact-sm"
            variant="default"
            disabled={busy}
            leftSection={<Icon size={14} aria-hidden />}
            aria-label={t('moveOf', { what: t(each), name })}
            onClick={() => (each === 'stop' ? setStopping(true) : void move(document))}
          >
            {t(each)}
          </Button>
        );
      })}
      {stopping && possible.includes('stop') && (
        <Ask title={t('stopTitle')} lead={t('stopLead', { done: job.done, count: job.total })} submit={t('stopSubmit')} onSubmit={() => void move(StopJobDocument)} onClose={() => setStopping(false)} />
      )}
    </>
  );
}
