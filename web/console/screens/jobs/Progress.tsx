import { Badge, Progress as Bar, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { COLOURS, type Job } from './job.ts';
import styles from './Jobs.module.css';

/** A job's state in a word. */
export function State({ job }: { job: Job }) {
  const { t } = useTranslation('jobs');
  return (
    <Badge variant="light" color={COLOURS[job.state]} className={styles.state ?? ''}>
      {t(`state${job.state}`)}
    </Badge>
  );
}

/** How far a job has come, as a bar and in words. */
export function Progress({ job, label }: { job: Job; label: string }) {
  const { t } = useTranslation('jobs');
  const { total, done, failed } = job;
  if (total === 0) return null;
  return (
    <div className={styles.progress}>
      <Bar.Root size="sm" transitionDuration={0}>
        <Bar.Section value={(done / total) * 100} aria-label={label} />
        {failed > 0 && <Bar.Section value={(failed / total) * 100} color="red" aria-label={t('failedOf', { count: failed })} />}
      </Bar.Root>
      <Text fz="xs" c="dimmed" component="span">
        {t('doneOf', { done, count: total })}
        {failed > 0 && ` · ${t('failedOf', { count: failed })}`}
      </Text>
    </div>
  );
}
