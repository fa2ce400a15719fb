import { useQuery } from '@apollo/client/react';
import { Menu, Skeleton } from '@mantine/core';
import { Server } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'wouter';

import { useFormats } from '../../i18n/formats.ts';
import { Failure } from '../../shell/Failure.tsx';
import { Screen } from '../../shell/Screen.tsx';
import { Card, Figure } from './Card.tsx';
import { EndingBans, NotedChannels } from './Highlights.tsx';
import { HourChart } from './HourChart.tsx';
import styles from './Overview.module.css';
import { HighlightsDocument, OverviewDocument, type OverviewQuery } from './overview.generated.ts';
import { ServerDialog } from './ServerDialog.tsx';

const EVERY = 5_000;
const EVERY_MINUTE = 60_000;
const OPERATIONS = [{ document: OverviewDocument }, { document: HighlightsDocument }];

type Figures = NonNullable<OverviewQuery['overview']>;

/** What a clerk looks at in the morning. The figures are asked for again every few seconds while somebody can see them. */
export default function Overview() {
  const { t } = useTranslation('overview');
  const { data, error, refetch } = useQuery(OverviewDocument, { pollInterval: EVERY, skipPollAttempt: () => document.hidden });
  const noted = useQuery(HighlightsDocument, { pollInterval: EVERY_MINUTE, skipPollAttempt: () => document.hidden });
  useEffect(() => {
    const onShown = () => {
      if (!document.hidden) void refetch().catch(() => undefined);
    };
    document.addEventListener('visibilitychange', onShown);
    return () => document.removeEventListener('visibilitychange', onShown);
  }, [refetch]);
  const [params, setParams] = useSearchParams();
  const showServer = (shown: boolean) => setParams(shown ? { server: '' } : {}, { replace: true });
  const figures = data?.overview ?? undefined;
  const highlights = noted.data?.highlights;

  return (
    <Screen
      title={t('title')}
      note={error !== undefined && figures !== undefined ? t('old') : undefined}
      menu={
        <Menu.Item leftSection={<Server size={16} aria-hidden />} onClick={() => showServer(true)}>
          {t('server')}
        </Menu.Item>
      }
      operations={OPERATIONS}
    >
      {error !== undefined && figures === undefined && <Failure error={error} onRetry={() => void refetch()} />}
      {error === undefined && figures === undefined && <Waiting />}
      {figures !== undefined && <AtAGlance figures={figures} />}
      {noted.error !== undefined && highlights === undefined && figures !== undefined && <Failure error={noted.error} onRetry={() => void noted.refetch()} />}
      {highlights !== undefined && (
        <div className={styles.lists}>
          {highlights.busy !== null && (
            <NotedChannels title={t('busy')} lead={t('busyLead')} none={t('busyNone')} channels={highlights.busy.map(({ channel, messages }) => ({ channel, messages }))} />
          )}
          <NotedChannels title={t('newest')} none={t('newestNone')} channels={highlights.newest.map((channel) => ({ channel, at: channel.createdAt }))} />
          <NotedChannels title={t('silent')} lead={t('silentLead')} none={t('silentNone')} channels={highlights.silent.map((channel) => ({ channel, at: channel.lastMessageAt }))} />
          {highlights.endingBans !== null && <EndingBans bans={highlights.endingBans} />}
        </div>
      )}
      {params.has('server') && figures !== undefined && <ServerDialog server={figures.server} onClose={() => showServer(false)} />}
    </Screen>
  );
}

/** The figures that there are: not every chat counts its messages. */
function AtAGlance({ figures }: { figures: Figures }) {
  const { t } = useTranslation('overview');
  const { number } = useFormats();
  const { messages, messagesToday, messagesPerHour } = figures;
  return (
    <div className={styles.grid}>
      <div className={styles.figures}>
        {messagesToday !== null && (
          <Figure label={t('today')} note={messages === null ? undefined : t('todayNote', { total: messages })}>
            {number.format(messagesToday)}
          </Figure>
        )}
        <Figure label={t('channels')} href="/channels">
          {number.format(figures.channels)}
        </Figure>
        <Figure label={t('users')} href="/users">
          {number.format(figures.users)}
        </Figure>
      </div>
      {messagesPerHour !== null && (
        <Card title={t('perHour')} lead={t('perHourLead', { hours: messagesPerHour.length })}>
          <HourChart hours={messagesPerHour} />
        </Card>
      )}
    </div>
  );
}

function Waiting() {
  return (
    <div className={styles.figures} aria-hidden data-loading>
      {[0, 1, 2].map((card) => (
        <div key={card} className={styles.card}>
          <Skeleton height="0.875rem" width="50%" />
          <Skeleton height="1.75rem" width="35%" mt="sm" />
        </div>
      ))}
    </div>
  );
}
