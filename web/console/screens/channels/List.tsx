import { VisuallyHidden } from '@mantine/core';
import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { memo, useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, type KeyboardEvent, type MouseEvent, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';

import styles from './List.module.css';
import { ListRow } from './ListRow.tsx';
import { place } from './place.ts';
import { COLUMNS, repeated, type Column, type Order, type Row } from './rows.ts';
import type { Selection } from './selection.ts';
import { useLastMessages } from './useLastMessages.ts';
import { useRowHeight, useSlots } from './useSlots.ts';
import { useWords } from './useWords.ts';

const OVERSCAN = 6;
const TITLES = {
  name: 'columnName', type: 'columnType', members: 'columnMembers', messages: 'columnMessages', activity: 'columnActivity',
} as const satisfies Record<Column, string>;

interface Props {
  rows: readonly Row[];
  order: Order;
  onOrder(column: Column): void;
  selection: Selection;
  /** The row that the keys act on, by cid. */
  active: string | undefined;
  onActive(cid: string): void;
  onOpen(row: Row): void;
  onEdit(row: Row): void;
  onDelete(): void;
  grid: RefObject<HTMLDivElement | null>;
}

/**
 * The table of channels: only the rows in sight are on the page. The focus stays
 * on the grid and aria-activedescendant says which row it means, so that no
 * scrolling can lose it.
 */
export const List = memo(function List(props: Props) {
  const { rows, selection, active, onActive, onEdit, grid } = props;
  const { t } = useTranslation('channels');
  const id = useId();
  const words = useWords();
  const height = useRowHeight();
  const at = active === undefined ? -1 : rows.findIndex(({ cid }) => cid === active);
  const start = usePlace(grid);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => grid.current,
    estimateSize: () => height,
    overscan: OVERSCAN,
    initialOffset: start,
    // The active row stays on the page, or the focus would mean nothing.
    rangeExtractor: useCallback(
      (range: Range) => {
        const shown = defaultRangeExtractor(range);
        return at < 0 || at >= range.count || shown.includes(at) ? shown : [...shown, at].sort((a, b) => a - b);
      },
      [at],
    ),
  });
  useLayoutEffect(() => virtual.measure(), [height, virtual]);
  // Not by the virtualizer: it doesn't know the head, and goes on for some frames, against whoever scrolls then.
  const reveal = useCallback(
    (to: number) => {
      const element = grid.current;
      if (element === null) return;
      const head = element.firstElementChild?.clientHeight ?? 0;
      const least = (to + 1) * height + head - element.clientHeight;
      element.scrollTop = Math.min(to * height, Math.max(least, element.scrollTop));
    },
    [grid, height],
  );
  useMadeInSight(active, at, reveal);

  const now = useRef({ rows, selection, onEdit, onActive });
  now.current = { rows, selection, onEdit, onActive };
  // The same functions each time, so that a row is drawn again only when it changed.
  const onSelect = useCallback(
    (index: number, range: boolean) => {
      now.current.selection.toggle(now.current.rows, index, range);
      grid.current?.focus({ preventScroll: true });
    },
    [grid],
  );
  const onPencil = useCallback((row: Row) => now.current.onEdit(row), []);
  const onRow = useCallback((cid: string) => now.current.onActive(cid), []);

  const shown = virtual.getVirtualItems();
  const slots = useSlots(shown.map(({ index }) => index));
  const alike = useMemo(() => repeated(rows), [rows]);
  const last = useLastMessages(shown.flatMap(({ index }) => rows[index] ?? []));
  return (
    <div
      ref={grid}
      className={styles.grid}
      role="grid"
      tabIndex={0}
      aria-label={t('list')}
      aria-multiselectable
      aria-rowcount={rows.length + 1}
      aria-activedescendant={at < 0 ? undefined : `${id}-${at}`}
      onKeyDown={keysOf(props, at, height, reveal)}
      onClick={clickOf(props)}
      onFocus={(event) => {
        const first = rows[virtual.range?.startIndex ?? 0];
        if (event.target === event.currentTarget && at < 0 && first !== undefined && place.made === undefined) onActive(first.cid);
      }}
    >
      <Head {...props} />
      <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize() }}>
        {shown.map(({ index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <ListRow
              key={slots.of(index)}
              id={`${id}-${index}`}
              row={row}
              last={last.get(row.cid)}
              alike={alike.has(row.label)}
              index={index}
              start={start}
              selected={selection.all.has(row.cid)}
              active={index === at}
              words={words}
              onSelect={onSelect}
              onRow={onRow}
              onEdit={onPencil}
            />
          );
        })}
      </div>
    </div>
  );
});

/** Where the list begins: where it was when a channel was opened from it, if the same is shown; then it has the focus too. */
function usePlace(grid: RefObject<HTMLDivElement | null>): number {
  const start = useRef(place.left && place.search === location.search ? place.offset : 0);
  const search = useRef('');
  useEffect(() => void (search.current = location.search));
  useLayoutEffect(() => {
    const element = grid.current;
    if (place.left) element?.focus({ preventScroll: true });
    place.left = false;
    // By the time one has left, the address is another page's.
    return () => void Object.assign(place, { offset: element?.scrollTop ?? 0, search: search.current });
  }, [grid]);
  return start.current;
}

/** Shows the row of the channel just made, once it is there. What is clicked is in sight, and the keys show where they lead. */
function useMadeInSight(active: string | undefined, at: number, reveal: (to: number) => void): void {
  useEffect(() => {
    if (at < 0 || active !== place.made) return;
    place.made = undefined;
    reveal(at);
  }, [active, at, reveal]);
}

function keysOf({ rows, selection, onActive, onOpen, onEdit, onDelete, grid }: Props, at: number, height: number, reveal: (to: number) => void) {
  const move = (index: number, range: boolean) => {
    const to = Math.max(0, Math.min(rows.length - 1, index));
    const row = rows[to];
    if (row === undefined) return;
    if (range && at >= 0) {
      if (!selection.all.has(rows[at]?.cid ?? '')) selection.toggle(rows, at, false);
      selection.toggle(rows, to, true);
    }
    onActive(row.cid);
    reveal(to);
  };
  return (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget) return; // The head's buttons have keys of their own.
    const page = Math.max(1, Math.floor((grid.current?.clientHeight ?? 0) / height) - 2);
    const target = { ArrowDown: at + 1, ArrowUp: at < 0 ? 0 : at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: rows.length - 1 }[event.key];
    const row = rows[at];
    if (event.ctrlKey || event.metaKey) {
      if (event.code !== 'KeyA') return;
      selection.set(rows, true);
    } else if (event.altKey) return;
    else if (target !== undefined) move(target, event.shiftKey);
    else if (event.key === ' ' && row !== undefined) selection.toggle(rows, at, event.shiftKey);
    else if (event.key === 'Enter' && row !== undefined) onOpen(row);
    else if ((event.key === 'F2' || event.code === 'KeyE') && row !== undefined) onEdit(row);
    else if (event.key === 'Delete' || event.key === 'Backspace') onDelete();
    else if (event.key === 'Escape' && selection.all.size > 0) selection.clear();
    else return;
    event.preventDefault();
  };
}

/** A click anywhere in a row opens it. On a link with a key held down it is the browser's. */
function clickOf({ rows, onOpen }: Props) {
  return (event: MouseEvent<HTMLDivElement>) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target === null || target.closest('button, [data-select]') !== null || getSelection()?.isCollapsed === false) return;
    const cid = target.closest<HTMLElement>('[data-cid]')?.dataset['cid'];
    const row = rows.find((each) => each.cid === cid);
    if (row === undefined || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onOpen(row);
  };
}

function Head({ rows, order, onOrder, selection }: Props) {
  const { t } = useTranslation('channels');
  const selected = rows.reduce((count, { cid }) => (selection.all.has(cid) ? count + 1 : count), 0);
  return (
    <div role="rowgroup" className={styles.head}>
      <div role="row" aria-rowindex={1} className={styles.row}>
        <div role="columnheader" className={styles.select}>
          <SelectAll count={rows.length} selected={selected} onChange={(all) => selection.set(rows, all)} />
        </div>
        {COLUMNS.map((column) => (
          <div
            key={column}
            role="columnheader"
            className={styles[column]}
            aria-sort={order.column !== column ? 'none' : order.descending ? 'descending' : 'ascending'}
          >
            <button type="button" onClick={() => onOrder(column)}>
              {t(TITLES[column])}
              {order.column === column && (order.descending ? <ArrowDown size={14} aria-hidden /> : <ArrowUp size={14} aria-hidden />)}
            </button>
          </div>
        ))}
        <div role="columnheader" className={styles.edit}>
          <VisuallyHidden>{t('columnEdit')}</VisuallyHidden>
        </div>
      </div>
    </div>
  );
}

function SelectAll({ count, selected, onChange }: { count: number; selected: number; onChange(selected: boolean): void }) {
  const { t } = useTranslation('channels');
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = selected > 0 && selected < count;
  }, [selected, count]);
  return (
    <input
      ref={box}
      type="checkbox"
      checked={count > 0 && selected === count}
      onChange={() => onChange(selected < count)}
      aria-label={t('selectAll', { count })}
    />
  );
}
