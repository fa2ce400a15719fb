import { NetworkStatus } from '@apollo/client';
import { useQuery } from '@apollo/client/react';
import { Avatar, Badge, Button, CloseButton, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { MessagesSquare, Search, SearchX } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'wouter';

import { useFormats } from '../../i18n/formats.ts';
import { Empty } from '../../shell/Empty.tsx';
import { Failure } from '../../shell/Failure.tsx';
import { LoadingRows, Screen } from '../../shell/Screen.tsx';
import styles from './Channels.module.css';
import { ChannelsDocument, type ChannelsQuery } from './channels.generated.ts';

/** The channels, with a search whose text stands in the address. */
export default function Channels() {
  const { t } = useTranslation('channels');
  const [params, setParams] = useSearchParams();
  const [text, setText] = useState(params.get('search') ?? '');
  const [search] = useDebouncedValue(text.trim(), 150);
  useEffect(() => {
    setParams(search === '' ? {} : { search }, { replace: true });
  }, [search, setParams]);

  const variables = search === '' ? {} : { search };
  const { data, previousData, error, networkStatus, refetch } = useQuery(ChannelsDocument, { variables });
  const shown = data ?? (networkStatus === NetworkStatus.setVariables ? previousData : undefined);
  const list = shown?.channels as ChannelsQuery['channels'] | undefined;

  return (
    <Screen
      title={t('title')}
      note={list && (list.pageInfo.hasNextPage ? t('countMore', { count: list.nodes.length }) : t('count', { count: list.nodes.length }))}
      operations={[{ document: ChannelsDocument, variables }]}
      fill
    >
      <TextInput
        type="search"
        className={styles.search ?? ''}
        placeholder={t('search')}
        aria-label={t('search')}
        data-search
        leftSection={<Search size={16} aria-hidden />}
        rightSection={text !== '' && <CloseButton size="sm" aria-label={t('clearSearch')} onClick={() => setText('')} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {error !== undefined && list === undefined && <Failure error={error} onRetry={() => void refetch()} />}
      {error === undefined && list === undefined && <LoadingRows />}
      {list !== undefined && list.nodes.length > 0 && <List nodes={list.nodes} />}
      {list?.nodes.length === 0 && search === '' && (
        <Empty icon={MessagesSquare} title={t('empty')} lead={t('emptyLead')} />
      )}
      {list?.nodes.length === 0 && search !== '' && (
        <Empty icon={SearchX} title={t('noMatch', { search })} lead={t('noMatchLead')}>
          <Button variant="default" onClick={() => setText('')}>
            {t('clearSearch')}
          </Button>
        </Empty>
      )}
    </Screen>
  );
}

function List({ nodes }: { nodes: ChannelsQuery['channels']['nodes'] }) {
  const { t } = useTranslation('channels');
  const { number, moment } = useFormats();
  return (
    <div className={styles.scroller} tabIndex={0} role="region" aria-label={t('list')}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('columnName')}</th>
            <th scope="col">{t('columnType')}</th>
            <th scope="col" className={styles.number}>
              {t('columnMessages')}
            </th>
            <th scope="col">{t('columnActivity')}</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((channel) => (
            <tr key={channel.cid}>
              <th scope="row">
                <div className={styles.name}>
                  <Avatar src={channel.avatar} alt="" size="2rem" radius="md" name={channel.name ?? channel.id} color="gray" dir="ltr" />
                  <span className={styles.names}>
                    <bdi>{channel.name ?? channel.id}</bdi>
                    <bdi className={styles.id}>{channel.cid}</bdi>
                  </span>
                  {channel.frozen && (
                    <Badge size="sm" variant="outline" color="gray">
                      {t('frozen')}
                    </Badge>
                  )}
                </div>
              </th>
              <td>{channel.type}</td>
              <td className={styles.number}>{number.format(channel.messageCount)}</td>
              <td>{channel.lastMessageAt === null ? t('never') : moment.format(new Date(channel.lastMessageAt))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
