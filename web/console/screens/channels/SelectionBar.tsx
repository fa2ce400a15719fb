import { Button, CloseButton, Text } from '@mantine/core';
import { Megaphone, Snowflake, Trash2 } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

import { useSession } from '../../auth/session.ts';
import { useFoot } from '../../shell/useFoot.ts';
import { beginFor } from '../announcements/kept.ts';
import styles from './Channels.module.css';
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
  onDelete(): void;
}

/** What can be done with the selected channels. */
export function SelectionBar({ selected, hidden, rows, selection, onFreeze, onDelete }: Props) {
  const { t } = useTranslation('channels');
  const [busy, setBusy] = useState(false);
  const { holder } = useSession();
  const [, navigate] = useLocation();
  const bar = useRef<HTMLElement>(null);
  useFoot(bar);
  const thaw = selected.every(({ frozen }) => frozen);
  const freeze = async () => {
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
      <span className={styles.gap} />
      <Button size="compact-sm" variant="default" leftSection={<Megaphone size={16} aria-hidden />} onClick={post}>
        {t('post')}
      </Button>
      <Button size="compact-sm" variant="default" loading={busy} leftSection={<Snowflake size={16} aria-hidden />} onClick={() => void freeze()}>
        {thaw ? t('thaw') : t('freeze')}
      </Button>
      <Button size="compact-sm" color="red" leftSection={<Trash2 size={16} aria-hidden />} onClick={onDelete}>
        {t('delete')}
      </Button>
    </section>
  );
}
