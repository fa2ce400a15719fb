import { Pencil, Snowflake } from 'lucide-react';
import { memo, type MouseEvent } from 'react';

import { visible } from '../../i18n/visible.ts';
import { ChannelAvatar } from '../../media/ChannelAvatar.tsx';
import { named, nameOf } from '../../people.ts';
import { addressOf } from './address.ts';
import styles from './List.module.css';
import type { Row } from './rows.ts';
import { TypeIcon } from './TypeIcon.tsx';
import type { Last } from './useLastMessages.ts';
import type { Words } from './useWords.ts';

interface RowProps {
  id: string;
  row: Row;
  last: Last | undefined;
  /** Whether another channel has the same name. */
  alike: boolean;
  index: number;
  start: number;
  selected: boolean;
  active: boolean;
  words: Words;
  onSelect(index: number, range: boolean): void;
  onRow(cid: string): void;
  onEdit(row: Row): void;
}

/** Plain elements and no hooks: components of libraries in each cell would cost a frame. */
export const ListRow = memo(function ListRow({ id, row, last, alike, index, start, selected, active, words, onSelect, onRow, onEdit }: RowProps) {
  const called = named({ id: row.cid, name: row.label });
  const ago = row.activity === 0 ? words.never : words.ago(row.activity);
  const moment = row.activity === 0 ? undefined : words.moment(row.activity);
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={styles.row}
      data-cid={row.cid}
      data-active={active || undefined}
      style={{ transform: `translateY(${start}px)` }}
      onMouseDown={() => onRow(row.cid)}
    >
      <div role="gridcell" className={styles.select} data-select onMouseDown={withoutSelecting} onClick={(event) => onSelect(index, event.shiftKey)}>
        <input type="checkbox" tabIndex={-1} checked={selected} readOnly aria-label={words.select(called)} />
      </div>
      <div role="rowheader" className={styles.name}>
        <ChannelAvatar src={row.avatar} name={row.label} />
        <span className={styles.names}>
          <span className={styles.title}>
            <a href={words.base + addressOf(row.cid)} tabIndex={-1} title={visible(row.label)} dir="auto" draggable={false}>
              <bdi>{visible(row.label)}</bdi>
            </a>
            {row.frozen && (
              <span className={styles.frozen}>
                <Snowflake size={12} aria-hidden />
                {words.frozen}
              </span>
            )}
            <bdi className={styles.id} dir="ltr">
              {row.cid}
            </bdi>
            <span className={styles.ago} aria-hidden>
              {row.activity === 0 ? '' : ago}
            </span>
          </span>
          <LastMessage cid={alike ? row.cid : undefined} last={last} words={words} />
        </span>
      </div>
      <div role="gridcell" className={styles.type}>
        <TypeIcon type={row.type} />
        <bdi>{row.type}</bdi>
      </div>
      <div role="gridcell" className={styles.members}>
        {words.number(row.memberCount)}
      </div>
      <div role="gridcell" className={styles.messages}>
        {words.number(row.messageCount)}
      </div>
      <div role="gridcell" className={styles.activity} title={moment}>
        {moment === undefined ? (
          ago
        ) : (
          <>
            <span aria-hidden>{ago}</span>
            <span className={styles.hidden}>{moment}</span>
          </>
        )}
      </div>
      <div role="gridcell" className={styles.edit}>
        <button type="button" tabIndex={-1} aria-label={words.edit(called)} onClick={() => onEdit(row)}>
          <Pencil size={16} aria-hidden />
        </button>
      </div>
    </div>
  );
});

/** Who wrote last, and what, on one line. Where there is no room for all ids, that of a channel whose name others have. */
function LastMessage({ cid, last, words }: { cid: string | undefined; last: Last | undefined; words: Words }) {
  return (
    <span className={styles.last}>
      {cid !== undefined && (
        <bdi className={styles.narrowId} dir="ltr">
          {cid}
        </bdi>
      )}
      {last !== undefined && (
        <>
          <span className={styles.author}>
            <bdi>{visible(nameOf(last.sender))}</bdi>
            {nameOf(last.sender) !== last.sender.id && <bdi className={styles.authorId}> ({last.sender.id})</bdi>}:
          </span>{' '}
          <span className={styles.text} dir="auto">
            {last.text.trim() === '' ? words.attachments(last.attachments.length) : visible(lineOf(last.text))}
          </span>
        </>
      )}
    </span>
  );
}

/** As much of a text as a row may show, on one line. */
function lineOf(text: string): string {
  return text.slice(0, 200).replace(/\s+/g, ' ').trim();
}

/** A click with shift would mark text from the last click on. */
function withoutSelecting(event: MouseEvent): void {
  event.preventDefault();
}
