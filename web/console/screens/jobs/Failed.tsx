import { useQuery } from '@apollo/client/react';
import { useTranslation } from 'react-i18next';

import { ChannelOfChangeDocument } from '../../changes/changes.generated.ts';
import { visible } from '../../i18n/visible.ts';
import { Failure } from '../../shell/Failure.tsx';
import { LoadingRows } from '../../shell/Screen.tsx';
import type { Job } from './job.ts';
import { FailedRowsDocument } from './jobs.generated.ts';
import styles from './Jobs.module.css';

/** The targets that a job failed at, each with the reason. */
export function Failed({ job }: { job: Job }) {
  const { t } = useTranslation('jobs');
  const { data, error, refetch } = useQuery(FailedRowsDocument, { variables: { job: job.id } });
  if (error !== undefined && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <LoadingRows rows={2} />;
  return <Refusals label={t('failedList')} rows={data.jobRows.nodes.map(({ target, message, code }) => ({ target, why: message ?? code ?? '' }))} more={data.jobRows.pageInfo.hasNextPage} />;
}

/** Targets, each with the reason why it was or will be left out. */
export function Refusals({ label, rows, more }: { label: string; rows: readonly { target: string; why: string }[]; more: boolean }) {
  const { t } = useTranslation('jobs');
  return (
    <>
      <ul className={styles.failed} tabIndex={0} aria-label={label}>
        {rows.map(({ target, why }) => (
          <li key={target}>
            <Target id={target} />
            <span className={styles.why}>
              <bdi>{visible(why)}</bdi>
            </span>
          </li>
        ))}
      </ul>
      {more && <p className={styles.why}>{t('failedMore', { count: rows.length })}</p>}
    </>
  );
}

/** A channel by name and cid as far as it is known, or another target by its id. */
function Target({ id }: { id: string }) {
  const { data } = useQuery(ChannelOfChangeDocument, { variables: { cid: id }, skip: !id.includes(':'), fetchPolicy: 'cache-first' });
  const name = data?.channel?.name;
  return (
    <span>
      {name != null && <bdi>{visible(name)} </bdi>}
      <bdi dir="ltr" className={styles.id}>
        {id}
      </bdi>
    </span>
  );
}
