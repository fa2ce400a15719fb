import { useQuery } from '@apollo/client/react';
import { Button } from '@mantine/core';
import { ListChecks } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import type { People } from '../../changes/Entry.tsx';
import { usePeople } from '../../changes/usePeople.ts';
import { isKnown } from '../../changes/words.ts';
import { said } from '../../i18n/places.ts';
import { visible } from '../../i18n/visible.ts';
import { named } from '../../people.ts';
import { Empty } from '../../shell/Empty.tsx';
import { Failure } from '../../shell/Failure.tsx';
import { LoadingRows, Screen } from '../../shell/Screen.tsx';
import { useWhen } from '../announcements/words.ts';
import { plainOf } from '../channel/markdown.ts';
import { Failed } from './Failed.tsx';
import type { Job } from './job.ts';
import { AnnouncementOfJobDocument, JobEventsDocument, JobsDocument, type JobsQuery } from './jobs.generated.ts';
import styles from './Jobs.module.css';
import { MoveButtons } from './MoveButtons.tsx';
import { Progress, State } from './Progress.tsx';
import { useJobEvents } from './useJobEvents.ts';

const SHOWN = 200;

/** Work on many targets, the newest first, as it goes on. */
export default function Jobs() {
  const { t } = useTranslation('jobs');
  const { data, error, refetch, fetchMore } = useQuery(JobsDocument);
  const list = data?.jobs as JobsQuery['jobs'] | undefined;
  const people = usePeople(list?.nodes.map(({ by }) => by) ?? []);
  // The cache takes progress by itself. How a job ends is asked for: an older answer may come later than the event.
  useJobEvents(() => void refetch().catch(() => undefined), ({ id, state }) => state !== 'RUNNING' || list?.nodes.some((job) => job.id === id) !== true);
  const more = () => fetchMore({ variables: { after: list?.pageInfo.endCursor ?? null }, updateQuery: joined }).catch(() => undefined);
  return (
    <Screen title={t('title')} operations={[{ document: JobsDocument }, { document: JobEventsDocument }]} reading>
      {error !== undefined && list === undefined && <Failure error={error} onRetry={() => void refetch()} />}
      {error === undefined && list === undefined && <LoadingRows />}
      {list?.nodes.length === 0 && <Empty icon={ListChecks} title={t('empty')} lead={t('emptyLead')} />}
      {list !== undefined && list.nodes.length > 0 && (
        <ul className={styles.list} aria-label={t('title')}>
          {list.nodes.map((job) => (
            <Row key={job.id} job={job} people={people} />
          ))}
        </ul>
      )}
      {list?.pageInfo.hasNextPage === true && (
        <Button variant="default" my="md" onClick={() => void more()}>
          {t('older')}
        </Button>
      )}
    </Screen>
  );
}

function Row({ job, people }: { job: Job; people: People }) {
  const { t } = useTranslation(['jobs', 'changes']);
  const when = useWhen();
  const [opened, setOpened] = useState(false);
  const { operation } = job;
  const what = isKnown(operation) ? t(`changes:op_${operation}`) : operation;
  const by = job.by === '' ? t('server') : named(people.get(job.by) ?? { id: job.by, name: null });
  return (
    <li className={styles.row} data-job={job.id}>
      <div className={styles.what}>
        {job.announcement === null ? (
          <span className={styles.name}>{what}</span>
        ) : (
          <Link href={`/announcements/${job.announcement}`} className={styles.name ?? ''}>
            {what}
          </Link>
        )}
        {job.announcement !== null && <Says id={job.announcement} />}
        <span className={styles.quiet}>{t('byAt', { by, when: said(when(job)) })}</span>
        <State job={job} />
      </div>
      <Progress job={job} label={what} />
      <div className={styles.buttons}>
        {job.failed > 0 && (
          <Button size="compact-sm" variant="subtle" aria-expanded={opened} aria-label={t('moveOf', { what: t('reasons'), name: what })} onClick={() => setOpened(!opened)}>
            {t('reasons')}
          </Button>
        )}
        <MoveButtons job={job} name={what} />
      </div>
      {opened && job.failed > 0 && (
        <div className={styles.below}>
          <Failed key={`${job.failed}`} job={job} />
        </div>
      )}
    </li>
  );
}

/** The first words of an announcement, which tell it from others. */
function Says({ id }: { id: string }) {
  const { data } = useQuery(AnnouncementOfJobDocument, { variables: { id }, fetchPolicy: 'cache-first' });
  const text = data?.announcement?.text ?? '';
  return (
    <bdi className={styles.says}>
      {visible(plainOf(text.slice(0, SHOWN)).replaceAll(/\s+/g, ' '))}
    </bdi>
  );
}

function joined(before: JobsQuery, { fetchMoreResult: { jobs } }: { fetchMoreResult: JobsQuery }): JobsQuery {
  const known = new Set(before.jobs.nodes.map(({ id }) => id));
  return { jobs: { ...jobs, nodes: [...before.jobs.nodes, ...jobs.nodes.filter(({ id }) => !known.has(id))] } };
}
