import { Pencil, Snowflake } from 'lucide-react';
import { memo, useMemo, type MouseEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useRouter } from 'wouter';

import { useFormats } from '../../i18n/formats.ts';
import { visible } from '../../i18n/visible.ts';
import { ChannelAvatar } from '../../media/ChannelAvatar.tsx';
import { addressOf } from './address.ts';
import styles from './List.module.css';
import type { Row } from './rows.ts';

interface RowProps {
  id: string;
  row: Row;
  index: number;
  start: number;
  ticked: boolean;
  active: boolean;
  words: Words;
  onTick(index: number, range: boolean): void;
  onRow(cid: string): void;
  onEdit(row: Row): void;
}

/** Plain elements and no hooks: components of libraries in each cell would cost a frame. */
export const ListRow = memo(function ListRow({ id, row, index, start, ticked, active, words, onTick, onRow, onEdit }: RowProps) {
  const activity = row.activity === 0 ? words.never : words.moment(row.activity);
  const messages = words.number(row.messageCount);
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={ticked}
      className={styles.row}
      data-active={active || undefined}
      style={{ transform: `translateY(${start}px)` }}
      onMouseDown={() => onRow(row.cid)}
    >
      <div role="gridcell" className={styles.tick} onMouseDown={withoutSelecting} onClick={(event) => onTick(index, event.shiftKey)}>
        <input type="checkbox" tabIndex={-1} checked={ticked} readOnly aria-label={words.tick(row.label)} />
      </div>
      <div role="rowheader" className={styles.name}>
        <ChannelAvatar src={row.avatar} name={row.label} />
        <span className={styles.names}>
          <span className={styles.title}>
            <a href={words.base + addressOf(row.cid)} data-cid={row.cid} tabIndex={-1} title={visible(row.label)}>
              <bdi>{visible(row.label)}</bdi>
            </a>
            {row.frozen && (
              <span className={styles.frozen}>
                <Snowflake size={12} aria-hidden />
                {words.frozen}
              </span>
            )}
          </span>
          <bdi className={styles.id} dir="ltr">
            {row.cid}
          </bdi>
          <span className={styles.meta}>
            {words.messages}: {messages} · {row.activity === 0 ? words.never : words.date(row.activity)}
          </span>
        </span>
      </div>
      <div role="gridcell" className={styles.type}>
        <bdi>{row.type}</bdi>
      </div>
      <div role="gridcell" className={styles.members}>
        {words.number(row.memberCount)}
      </div>
      <div role="gridcell" className={styles.messages}>
        {messages}
      </div>
      <div role="gridcell" className={styles.activity}>
        {activity}
      </div>
      <div role="gridcell" className={styles.edit}>
        <button type="button" tabIndex={-1} aria-label={words.edit(row.label)} onClick={() => onEdit(row)}>
          <Pencil size={16} aria-hidden />
        </button>
      </div>
    </div>
  );
});

/** The texts of the rows, looked up once for all of them. */
type Words = ReturnType<typeof useWords>;

export function useWords() {
  const { t } = useTranslation('channels');
  const { number, moment, date } = useFormats();
  const { base } = useRouter();
  return useMemo(
    () => ({
      base,
      never: t('never'),
      frozen: t('frozen'),
      messages: t('columnMessages'),
      tick: (name: string) => t('tick', { name }),
      edit: (name: string) => t('edit', { name }),
      number: (of: number) => number.format(of),
      moment: (of: number) => moment.format(of),
      date: (of: number) => date.format(of),
    }),
    [t, number, moment, date, base],
  );
}

/** A click with shift would mark text from the last click on. */
function withoutSelecting(event: MouseEvent): void {
  event.preventDefault();
}
