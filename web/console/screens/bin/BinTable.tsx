import { ActionIcon, Menu, Text } from '@mantine/core';
import { EllipsisVertical, Flame, History, Undo2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import type { People } from '../../changes/Entry.tsx';
import { useFormats } from '../../i18n/formats.ts';
import { visible } from '../../i18n/visible.ts';
import { nameOf, named } from '../../people.ts';
import { ChoiceTable } from '../../shell/ChoiceTable.tsx';
import styles from './Bin.module.css';
import type { Binned } from './useBin.ts';

const DAY = 86_400_000;

interface Props {
  channels: readonly Binned[];
  people: People;
  all: boolean;
  stale: boolean;
  chosen: ReadonlyMap<string, Binned>;
  onChosen(chosen: ReadonlyMap<string, Binned>): void;
  onEnd: (() => Promise<void>) | undefined;
  onRestore(channel: Binned): void;
  onErase(channel: Binned): void;
}

/** The channels in the bin: who deleted them, and how long they can come back. */
export function BinTable({ channels, people, onRestore, onErase, ...rest }: Props) {
  const { t } = useTranslation('bin');
  const { number } = useFormats();
  return (
    <ChoiceTable
      {...rest}
      label={t('list')}
      items={channels}
      idOf={({ id }) => id}
      nameOf={({ name, cid }) => named({ id: cid, name })}
      columns={[
        { label: t('columnName'), className: styles.names },
        { label: t('columnMessages'), className: styles.messages },
        { label: t('columnDeleted'), className: styles.deleted },
        { label: t('columnLeft'), className: styles.left },
        { label: t('columnActions'), shown: false },
      ]}
      rowClass={styles.row}
      rowHeight={3.75}
      cells={(channel, tabIndex) => [
        <Names key="names" channel={channel} people={people} />,
        number.format(channel.messageCount),
        <Deleted key="deleted" channel={channel} people={people} />,
        <Left key="left" channel={channel} />,
        <Actions key="actions" channel={channel} tabIndex={tabIndex} onRestore={() => onRestore(channel)} onErase={() => onErase(channel)} />,
      ]}
    />
  );
}

function Names({ channel, people }: { channel: Binned; people: People }) {
  const { t } = useTranslation('bin');
  return (
    <>
      <bdi className={styles.name}>{visible(channel.name)}</bdi>
      <bdi className={styles.id} dir="ltr">
        {channel.cid}
      </bdi>
      <span className={styles.narrow}>{t('deletedBy', { by: byOf(channel, people) ?? t('server') })}</span>
    </>
  );
}

function Deleted({ channel, people }: { channel: Binned; people: People }) {
  const { t } = useTranslation('bin');
  const { moment } = useFormats();
  return (
    <>
      <bdi className={styles.by} title={channel.deletedBy}>
        {visible(byOf(channel, people) ?? t('server'))}
      </bdi>
      <span className={styles.id}>{moment.format(new Date(channel.deletedAt))}</span>
    </>
  );
}

const byOf = ({ deletedBy: id }: Binned, people: People): string | undefined => (id === '' ? undefined : nameOf(people.get(id) ?? { id, name: null }));

/** How long it can come back, in days; red on the last ones. */
function Left({ channel: { erasedAt } }: { channel: Binned }) {
  const { t } = useTranslation('bin');
  const { moment } = useFormats();
  const end = new Date(erasedAt);
  const days = (end.getTime() - Date.now()) / DAY;
  return (
    <Text span fz="sm" {...(days < 3 && { c: 'var(--mantine-color-error)' })} title={t('erasedAt', { time: moment.format(end) })}>
      {days < 1 ? t('lastDay') : t('days', { count: Math.ceil(days) })}
    </Text>
  );
}

function Actions({ channel, tabIndex, onRestore, onErase }: { channel: Binned; tabIndex: 0 | -1; onRestore(): void; onErase(): void }) {
  const { t } = useTranslation('bin');
  return (
    <Menu position="bottom-end" width="15rem">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" c="dimmed" size="lg" data-control="menu" tabIndex={tabIndex} aria-label={t('actions', { name: named({ id: channel.cid, name: channel.name }) })}>
          <EllipsisVertical size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {channel.change === null ? (
          <Menu.Label>{t('noRecord')}</Menu.Label>
        ) : (
          <>
            <Menu.Item leftSection={<Undo2 size={16} aria-hidden className="bc-mirror" />} onClick={onRestore}>
              {t('restoreOne')}
            </Menu.Item>
            <Menu.Item component={Link} href={`/activity?change=${channel.change}`} leftSection={<History size={16} aria-hidden />}>
              {t('seeChange')}
            </Menu.Item>
          </>
        )}
        <Menu.Item c="var(--mantine-color-error)" leftSection={<Flame size={16} aria-hidden />} onClick={onErase}>
          {t('erase')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
