import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { useFormats } from '../../i18n/formats.ts';
import { visible } from '../../i18n/visible.ts';
import { ChannelAvatar } from '../../media/ChannelAvatar.tsx';
import { nameOf } from '../../people.ts';
import { addressOf } from '../channels/address.ts';
import { Card } from './Card.tsx';
import styles from './Overview.module.css';
import type { HighlightsQuery, NotedChannelFragment } from './overview.generated.ts';

interface Noted {
  channel: NotedChannelFragment;
  messages?: number;
  at?: string | null;
}

/** A few channels, each with what it is listed for. */
export function NotedChannels({ title, lead, none, channels }: { title: string; lead?: string; none: string; channels: readonly Noted[] }) {
  const { t } = useTranslation('overview');
  return (
    <Card title={title} lead={lead}>
      {channels.length === 0 ? (
        <Text c="dimmed">{none}</Text>
      ) : (
        <ul className={styles.list}>
          {channels.map(({ channel, messages, at }) => (
            <li key={channel.cid}>
              <Link href={addressOf(channel.cid)} className={styles.line ?? ''}>
                <ChannelAvatar src={channel.avatar} name={nameOf(channel)} />
                <Names name={nameOf(channel)} id={channel.cid} />
                <span className={styles.aside}>{messages === undefined ? at === null || at === undefined ? t('never') : <When at={at} /> : t('messageCount', { count: messages })}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** The bans that end by themselves soon, so that one can make them longer. */
export function EndingBans({ bans }: { bans: NonNullable<HighlightsQuery['highlights']['endingBans']> }) {
  const { t } = useTranslation('overview');
  const { moment } = useFormats();
  return (
    <Card title={t('endingBans')} lead={t('endingBansLead')}>
      {bans.length === 0 ? (
        <Text c="dimmed">{t('endingBansNone')}</Text>
      ) : (
        <ul className={styles.list}>
          {bans.map(({ user, cid, until }) => (
            <li key={`${user.id} ${cid ?? ''}`}>
              <Link href={cid === null ? `/users?search=${encodeURIComponent(user.id)}` : `${addressOf(cid)}?members`} className={styles.line ?? ''}>
                <Names name={nameOf(user)} id={user.id} />
                <span className={styles.aside}>
                  {cid === null ? t('everywhere') : <bdi dir="ltr">{visible(cid)}</bdi>}
                  <br />
                  {moment.format(new Date(until))}
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Names({ name, id }: { name: string; id: string }) {
  return (
    <span className={styles.names}>
      <bdi className={styles.name}>{visible(name)}</bdi>
      <bdi className={styles.id} dir="ltr">
        {visible(id)}
      </bdi>
    </span>
  );
}

function When({ at }: { at: string }) {
  const { ago, moment } = useFormats();
  const time = Date.parse(at);
  return (
    <time dateTime={at} title={moment.format(time)}>
      {ago(time, Date.now())}
    </time>
  );
}
