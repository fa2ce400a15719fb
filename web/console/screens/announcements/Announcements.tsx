import { useQuery } from '@apollo/client/react';
import { Badge, Button } from '@mantine/core';
import { Megaphone, Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { Empty } from '../../shell/Empty.tsx';
import { Failure } from '../../shell/Failure.tsx';
import { LoadingRows, Screen } from '../../shell/Screen.tsx';
import { Progress, State } from '../jobs/Progress.tsx';
import { useJobEvents } from '../jobs/useJobEvents.ts';
import { AnnouncementsDocument, CreateAnnouncementDocument, type AnnouncementsQuery, type ShownAnnouncementFragment } from './announcements.generated.ts';
import styles from './Announcements.module.css';
import { isRecalled, useExcerpt, useWhen } from './words.ts';

/** All announcements, the newest first, as they are sent. */
export default function Announcements() {
  const { t } = useTranslation('announcements');
  const { data, error, refetch, fetchMore } = useQuery(AnnouncementsDocument);
  const list = data?.announcements as AnnouncementsQuery['announcements'] | undefined;
  useJobEvents(
    () => void refetch().catch(() => undefined),
    // The cache takes progress by itself. How a job ends is asked for: an older answer may come later than the event.
    ({ id, announcement, state, operation }) => (announcement !== null || operation === 'undo') && (state !== 'RUNNING' || list?.nodes.some(({ job }) => job.id === id) !== true),
  );
  const more = () => fetchMore({ variables: { after: list?.pageInfo.endCursor ?? null }, updateQuery: joined }).catch(() => undefined);
  const create = (
    <Button component={Link} href="/announcements/new" leftSection={<Plus size={16} aria-hidden />}>
      {t('new')}
    </Button>
  );
  return (
    <Screen
      title={t('title')}
      actions={create}
      operations={[
        { document: AnnouncementsDocument },
        { document: CreateAnnouncementDocument, variables: { input: { text: t('sample'), channels: { all: true } } } },
      ]}
      reading
    >
      {error !== undefined && list === undefined && <Failure error={error} onRetry={() => void refetch()} />}
      {error === undefined && list === undefined && <LoadingRows />}
      {list?.nodes.length === 0 && <Empty icon={Megaphone} title={t('empty')} lead={t('emptyLead')} />}
      {list !== undefined && list.nodes.length > 0 && (
        <ul className={styles.list} aria-label={t('title')}>
          {list.nodes.map((announcement) => (
            <Row key={announcement.id} of={announcement} />
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

function Row({ of }: { of: ShownAnnouncementFragment }) {
  const { t } = useTranslation('announcements');
  const excerpt = useExcerpt();
  const when = useWhen();
  const words = excerpt(of);
  return (
    <li className={styles.row}>
      <div className={styles.said}>
        <Link href={`/announcements/${of.id}`}>
          <bdi>{words}</bdi>
        </Link>
        <span className={styles.quiet}>{when(of.job)}</span>
        <span className={styles.marks}>
          <State job={of.job} />
          {isRecalled(of) && (
            <Badge variant="light" color="gray" tt="none">
              {t('recalled')}
            </Badge>
          )}
        </span>
      </div>
      <Progress job={of.job} label={words} />
    </li>
  );
}

function joined(before: AnnouncementsQuery, { fetchMoreResult: { announcements } }: { fetchMoreResult: AnnouncementsQuery }): AnnouncementsQuery {
  const known = new Set(before.announcements.nodes.map(({ id }) => id));
  return { announcements: { ...announcements, nodes: [...before.announcements.nodes, ...announcements.nodes.filter(({ id }) => !known.has(id))] } };
}
