import { useApolloClient } from '@apollo/client/react';
import { Alert, Button, Chip, Group, Progress, Text } from '@mantine/core';
import { Check, Undo2 } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { useFormats } from '../../i18n/formats.ts';
import { Failure } from '../../shell/Failure.tsx';
import { useToast } from '../../shell/toast.tsx';
import { Import } from './apply.ts';
import styles from './Import.module.css';
import { keep, type Plan } from './kept.ts';
import { EncodingNote } from './EncodingNote.tsx';
import { backOf, countOf, inputOf, isToDo } from './plan.ts';
import type { Effect, Step } from './read.ts';
import { StepTable } from './StepTable.tsx';

const EFFECTS = ['new', 'renamed', 'role', 'unchanged', 'fault'] as const satisfies Effect[];

type State = 'ready' | 'running' | 'stopped' | 'done' | 'undone';

/** Shows what will change, does it when asked, and says what came of it. */
export function Preview({ plan, busy: reading, onEncoding, onStartOver }: { plan: Plan; busy: boolean; onEncoding(encoding: string): void; onStartOver(): void }) {
  const { list, encodingChosen } = plan;
  const { steps } = list;
  const { t } = useTranslation('userImport');
  const { number } = useFormats();
  const counts = useMemo(() => countOf(steps), [steps]);
  const toDo = useMemo(() => steps.filter(isToDo), [steps]);
  const [filter, setFilter] = useState<Effect | 'all'>('all');
  const shown = useMemo(() => (filter === 'all' ? steps : steps.filter(({ effects }) => effects.includes(filter))), [steps, filter]);
  const { state, error, done, job, busy, back, run, start, stop, undo } = useImport(plan, toDo);
  const next = toDo.find(({ id }) => !job?.done.has(id) && !job?.refused.has(id));

  return (
    <>
      {state === 'ready' && (list.guessed || encodingChosen) && <EncodingNote list={list} busy={reading} onChoose={onEncoding} />}
      {state === 'ready' && list.headless && (
        <Text c="dimmed" mb="sm" role="status">
          {t('headless')}
        </Text>
      )}
      <Group gap="xs" mb="sm" role="radiogroup" aria-label={t('filter')}>
        <Chip.Group value={filter} onChange={(value) => setFilter(value as Effect | 'all')}>
          {(['all', ...EFFECTS] as const).map((effect) => (
            <Chip key={effect} value={effect} size="xs" variant="outline" color={effect === 'fault' && counts.fault > 0 ? 'red' : 'sea'}>
              {t(effect)} {number.format(effect === 'all' ? steps.length : counts[effect])}
            </Chip>
          ))}
        </Chip.Group>
      </Group>
      <StepTable steps={shown} refused={job?.refused} />
      <div className={styles.foot}>
        {state === 'ready' && (
          <>
            <Text c="dimmed" role="status">
              {toDo.length === 0 ? t('nothing') : counts.fault > 0 ? t('faultsLeftOut', { count: counts.fault }) : ''}
            </Text>
            <Group gap="xs">
              <Button variant="default" onClick={onStartOver}>
                {t('startOver')}
              </Button>
              {toDo.length > 0 && <Button onClick={start} disabled={reading}>{t('apply', { count: toDo.length })}</Button>}
            </Group>
          </>
        )}
        {(state === 'running' || state === 'stopped') && (
          <>
            <div className={styles.progress}>
              <Text role="status" fz="sm">
                {t('progressOf', { done, total: job?.total ?? 0 })}
              </Text>
              <Progress value={(100 * done) / Math.max(1, job?.total ?? 1)} aria-label={t('progress')} />
              {state === 'stopped' && error === undefined && <Text mt="xs">{t('stopped')}</Text>}
              {error !== undefined && (
                <>
                  <Failure error={error} />
                  <Text>{t('failedAfter', { done, total: job?.total ?? 0, line: next?.line ?? 0 })}</Text>
                </>
              )}
            </div>
            {state === 'running' ? (
              <Button variant="default" onClick={stop}>
                {t('stop')}
              </Button>
            ) : (
              <Button onClick={() => job && void run(job, 'done')}>{t('goOn')}</Button>
            )}
          </>
        )}
        {(state === 'done' || state === 'undone') && job !== undefined && (
          <>
            <div className={styles.progress}>
              <Alert variant="light" color={job.refused.size > 0 ? 'yellow' : 'sea'} icon={<Check size={18} aria-hidden />} role="status">
                {state === 'undone' ? t('undone') : t('done', { count: job.done.size })}
                {job.refused.size > 0 && <div>{t('refused', { count: job.refused.size })}</div>}
                {state === 'done' && back.length > 0 && (
                  <div>
                    {t('undoLead', { count: back.length })} {counts.new > 0 && t('undoNew')}
                  </div>
                )}
              </Alert>
            </div>
            <Group gap="xs">
              {state === 'done' && back.length > 0 && (
                <Button variant="default" loading={busy} leftSection={<Undo2 size={16} aria-hidden className="bc-mirror" />} onClick={() => void undo()}>
                  {t('undo')}
                </Button>
              )}
              <Button variant="default" onClick={onStartOver}>
                {t('startOver')}
              </Button>
              <Button component={Link} href="/users">
                {t('toUsers')}
              </Button>
            </Group>
          </>
        )}
      </div>
    </>
  );
}

/** The import from here to its end, and back. */
function useImport(plan: Plan, toDo: readonly Step[]) {
  const client = useApolloClient();
  const toast = useToast();
  const [state, setState] = useState<State>(() => (plan.job === undefined ? 'ready' : plan.job.finished ? 'done' : 'stopped'));
  const [error, setError] = useState<unknown>();
  const [done, setDone] = useState(plan.job?.done.size ?? 0);
  const [job, setJob] = useState(plan.job);
  const going = useRef(true);
  const undoing = useRef<Import>(undefined);
  const [busy, setBusy] = useState(false);

  const run = async (work: Import, end: State) => {
    going.current = true;
    setJob(work);
    keep({ ...plan, job: work });
    setState('running');
    setError(undefined);
    try {
      await work.run(() => {
        setDone(work.done.size);
        return going.current;
      });
      setState(work.finished ? end : 'stopped');
      if (work.finished) {
        void client.refetchQueries({ include: 'active' });
        client.cache.evict({ fieldName: 'chatUsers' });
      }
    } catch (failure) {
      setError(failure);
      setState('stopped');
    }
  };
  // It went on while the sign-in, or another screen, stood in this one's place.
  useEffect(() => {
    if (plan.job?.running === true) void run(plan.job, 'done');
  }, []);
  const start = () => void run(new Import(client, toDo.map(inputOf)), 'done');
  const back = toDo.filter(({ id, before }) => before !== undefined && (job?.done.has(id) ?? false));
  const undo = async () => {
    undoing.current ??= new Import(client, back.map(backOf).filter((input) => input !== undefined));
    const work = undoing.current;
    setBusy(true);
    await toast.attempt(async () => {
      await work.run(() => true);
      client.cache.evict({ fieldName: 'chatUsers' });
      setState('undone');
    });
    setBusy(false);
  };
  const stop = () => {
    going.current = false;
  };
  return { state, error, done, job, busy, back, run, start, stop, undo };
}
