import { useQuery } from '@apollo/client/react';
import { Skeleton, Text, Title } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { useFormats } from '../../i18n/formats.ts';
import { Failure } from '../../shell/Failure.tsx';
import { Screen } from '../../shell/Screen.tsx';
import { ErrorCodes, MINUTES } from './ErrorCodes.tsx';
import { HourChart } from './HourChart.tsx';
import styles from './Overview.module.css';
import { OverviewDocument } from './overview.generated.ts';

const EVERY = 5_000;
const OPERATIONS = [{ document: OverviewDocument }];

/** The chat in figures, asked for again every few seconds while somebody can see them. */
export default function Overview() {
  const { t } = useTranslation('overview');
  const { number, moment } = useFormats();
  const { data, error, refetch } = useQuery(OverviewDocument, { pollInterval: EVERY, skipPollAttempt: () => document.hidden });
  useEffect(() => {
    const onShown = () => {
      if (!document.hidden) void refetch().catch(() => undefined);
    };
    document.addEventListener('visibilitychange', onShown);
    return () => document.removeEventListener('visibilitychange', onShown);
  }, [refetch]);
  const figures = data?.overview;

  return (
    <Screen title={t('title')} note={error !== undefined && figures !== undefined ? t('old') : undefined} operations={OPERATIONS}>
      {error !== undefined && figures === undefined && <Failure error={error} onRetry={() => void refetch()} />}
      {error === undefined && figures === undefined && <Waiting />}
      {figures !== undefined && (
        <div className={styles.grid}>
          <Figure label={t('channels')} href="/channels">
            {number.format(figures.channels)}
          </Figure>
          <Figure label={t('users')} href="/users">
            {number.format(figures.users)}
          </Figure>
          <Figure label={t('today')} note={t('todayNote', { total: figures.messages })}>
            {number.format(figures.messagesToday)}
          </Figure>
          <Figure label={t('connections')} note={t('connectionsNote', { time: moment.format(new Date(figures.server.startedAt)) })}>
            {number.format(figures.server.connections)}
          </Figure>
          <Panel title={t('perHour')} lead={t('perHourLead', { hours: figures.messagesPerHour.length })} wide>
            <HourChart hours={figures.messagesPerHour} />
          </Panel>
          <Panel title={t('errors')} lead={t('errorsLead', { minutes: MINUTES })}>
            <ErrorCodes errors={figures.server.errors} requests={figures.server.requests} />
          </Panel>
        </div>
      )}
    </Screen>
  );
}

function Figure({ label, note, href, children }: { label: string; note?: string; href?: string; children: string }) {
  return (
    <section className={styles.card} aria-label={label}>
      <h2 className={styles.label}>{href === undefined ? label : <Link href={href}>{label}</Link>}</h2>
      <div className={styles.figure} data-figure>
        {children}
      </div>
      {note !== undefined && (
        <Text c="dimmed" fz="xs">
          {note}
        </Text>
      )}
    </section>
  );
}

function Panel({ title, lead, wide = false, children }: { title: string; lead: string; wide?: boolean; children: ReactNode }) {
  return (
    <section className={`${styles.card} ${wide ? styles.wide : styles.half}`} aria-label={title}>
      <Title order={2} fz="1rem">
        {title}
      </Title>
      <Text c="dimmed" fz="xs" mb="sm">
        {lead}
      </Text>
      {children}
    </section>
  );
}

function Waiting() {
  return (
    <div className={styles.grid} aria-hidden data-loading>
      {[0, 1, 2, 3].map((card) => (
        <div key={card} className={styles.card}>
          <Skeleton height="0.875rem" width="50%" />
          <Skeleton height="1.75rem" width="35%" mt="sm" />
        </div>
      ))}
    </div>
  );
}
