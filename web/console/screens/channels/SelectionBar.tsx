import { Button, CloseButton, Menu, Text } from '@mantine/core';
import { ChevronDown, Megaphone, Snowflake, Trash2, UserMinus, UserPlus, Users } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

import { useSession } from '../../auth/session.ts';
import { useFoot } from '../../shell/useFoot.ts';
import { beginFor } from '../announcements/kept.ts';
import { FEW } from './actions.ts';
import styles from './Channels.module.css';
import type { Way } from './BulkDialogs.tsx';
import type { Row } from './rows.ts';
import type { Selection } from './selection.ts';

interface Props {
  selected: readonly Row[];
  /** How many of those the search and filter hide. */
  hidden: number;
  /** Those that match. */
  rows: readonly Row[];
  selection: Selection;
  onFreeze(rows: readonly Row[], frozen: boolean): Promise<unknown>;
  onWay(way: Way): void;
  onDelete(): void;
}

/** What can be done with the selected channels. */
export function SelectionBar({ selected, hidden, rows, selection, onFreeze, onWay, onDelete }: Props) {
  const { t } = useTranslation('channels');
  const [busy, setBusy] = useState(false);
  const { holder } = useSession();
  const [, navigate] = useLocation();
  const bar = useRef<HTMLElement>(null);
  useFoot(bar);
  const thaw = selected.every(({ frozen }) => frozen);
  const freeze = async () => {
    if (selection.matching !== undefined || selected.length > FEW) return onWay(thaw ? 'thaw' : 'freeze');
    setBusy(true);
    await onFreeze(selected, !thaw);
    setBusy(false);
  };
  const post = () => {
    beginFor(holder?.id ?? '', selected.map(({ cid }) => cid));
    navigate('/announcements/new');
  };
  return (
    <section ref={bar} className={styles.selection} aria-label={t('selection')}>
      <CloseButton aria-label={t('clearSelection')} onClick={selection.clear} />
      <Text component="span" role="status" fw={600}>
        {t('selected', { count: selected.length })}
        {hidden > 0 && ` (${t('selectedHidden', { count: hidden })})`}
      </Text>
      {selected.length - hidden < rows.length && (
        <Button size="compact-sm" variant="subtle" onClick={() => selection.set(rows, true)}>
          {t('selectAll', { count: rows.length })}
        </Button>
      )}
      <div className={styles.deeds}>
        <Button size="compact-sm" variant="default" leftSection={<Megaphone size={16} aria-hidden />} onClick={post}>
          {t('post')}
        </Button>
        <Button size="compact-sm" variant="default" loading={busy} leftSection={<Snowflake size={16} aria-hidden />} onClick={() => void freeze()}>
          {thaw ? t('thaw') : t('freeze')}
        </Button>
        <Menu position="top-end">
          <Menu.Target>
            <Button size="compact-sm" variant="default" leftSection={<Users size={16} aria-hidden />} rightSection={<ChevronDown size={14} aria-hidden />}>
              {t('members')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<UserPlus size={16} aria-hidden />} onClick={() => onWay('addMembers')}>
              {t('addMembersMenu')}
            </Menu.Item>
            <Menu.Item leftSection={<UserMinus size={16} aria-hidden />} onClick={() => onWay('removeMembers')}>
              {t('removeMembersMenu')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <Button size="compact-sm" color="red" leftSection={<Trash2 size={16} aria-hidden />} onClick={onDelete}>
          {t('delete')}
        </Button>
      </div>
    </section>
  );
}
