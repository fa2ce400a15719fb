import { VisuallyHidden } from '@mantine/core';
import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { memo, useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';

import styles from './List.module.css';
import { ListRow, useWords } from './ListRow.tsx';
import { COLUMNS, type Column, type Order, type Row } from './rows.ts';
import type { Ticks } from './ticks.ts';

/** In rem, as List.module.css has it. */
const ROW = 3.5;
const OVERSCAN = 6;
const TITLES = {
  name: 'columnName', type: 'columnType', members: 'columnMembers', messages: 'columnMessages', activity: 'columnActivity',
} as const satisfies Record<Column, string>;

interface Props {
  rows: readonly Row[];
  order: Order;
  onOrder(column: Column): void;
  ticks: Ticks;
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
export const List = memo(function List({ rows, order, onOrder, ticks, active, onActive, onOpen, onEdit, onDelete, grid }: Props) {
  const { t } = useTranslation('channels');
  const id = useId();
  const words = useWords();
  const height = useRowHeight();
  const at = active === undefined ? -1 : rows.findIndex(({ cid }) => cid === active);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => grid.current,
    estimateSize: () => height,
    overscan: OVERSCAN,
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

  const now = useRef({ rows, ticks, onEdit, onActive });
  now.current = { rows, ticks, onEdit, onActive };
  // The same functions each time, so that a row is drawn again only when it changed.
  const onTick = useCallback(
    (index: number, range: boolean) => {
      now.current.ticks.toggle(now.current.rows, index, range);
      grid.current?.focus({ preventScroll: true });
    },
    [grid],
  );
  const onPencil = useCallback((row: Row) => now.current.onEdit(row), []);
  const onRow = useCallback((cid: string) => now.current.onActive(cid), []);

  const move = (index: number, range: boolean) => {
    const to = Math.max(0, Math.min(rows.length - 1, index));
    const row = rows[to];
    if (row === undefined) return;
    if (range && at >= 0) {
      if (!ticks.all.has(rows[at]?.cid ?? '')) ticks.toggle(rows, at, false);
      ticks.toggle(rows, to, true);
    }
    onActive(row.cid);
    virtual.scrollToIndex(to, { align: 'auto' });
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget) return; // The head's buttons have keys of their own.
    const page = Math.max(1, Math.floor((grid.current?.clientHeight ?? 0) / height) - 2);
    const target = { ArrowDown: at + 1, ArrowUp: at < 0 ? 0 : at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: rows.length - 1 }[event.key];
    const row = rows[at];
    if (event.ctrlKey || event.metaKey) {
      if (event.code !== 'KeyA') return;
      ticks.set(rows, true);
    } else if (event.altKey) return;
    else if (target !== undefined) move(target, event.shiftKey);
    else if (event.key === ' ' && row !== undefined) ticks.toggle(rows, at, event.shiftKey);
    else if (event.key === 'Enter' && row !== undefined) onOpen(row);
    else if ((event.key === 'F2' || event.code === 'KeyE') && row !== undefined) onEdit(row);
    else if (event.key === 'Delete' || event.key === 'Backspace') onDelete();
    else if (event.key === 'Escape' && ticks.all.size > 0) ticks.clear();
    else return;
    event.preventDefault();
  };

  // Links of the page's own; with a key held down they are the browser's.
  const onClick = (event: MouseEvent<HTMLDivElement>) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLElement>('a[data-cid]') : null;
    const row = rows.find(({ cid }) => cid === link?.dataset['cid']);
    if (row === undefined || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onOpen(row);
  };

  const shown = virtual.getVirtualItems();
  const slots = useSlots(shown.map(({ index }) => index));
  const tickedHere = rows.reduce((count, { cid }) => (ticks.all.has(cid) ? count + 1 : count), 0);
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
      onKeyDown={onKeyDown}
      onClick={onClick}
      onFocus={(event) => {
        const first = rows[virtual.range?.startIndex ?? 0];
        if (event.target === event.currentTarget && at < 0 && first !== undefined) onActive(first.cid);
      }}
    >
      <div role="rowgroup" className={styles.head}>
        <div role="row" aria-rowindex={1} className={styles.row}>
          <div role="columnheader" className={styles.tick}>
            <TickAll count={rows.length} ticked={tickedHere} onChange={(ticked) => ticks.set(rows, ticked)} />
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
      <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize() }}>
        {shown.map(({ index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <ListRow
              key={slots.of(index)}
              id={`${id}-${index}`}
              row={row}
              index={index}
              start={start}
              ticked={ticks.all.has(row.cid)}
              active={index === at}
              words={words}
              onTick={onTick}
              onRow={onRow}
              onEdit={onPencil}
            />
          );
        })}
      </div>
    </div>
  );
});

function TickAll({ count, ticked, onChange }: { count: number; ticked: number; onChange(ticked: boolean): void }) {
  const { t } = useTranslation('channels');
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = ticked > 0 && ticked < count;
  }, [ticked, count]);
  return (
    <input
      ref={box}
      type="checkbox"
      checked={count > 0 && ticked === count}
      onChange={() => onChange(ticked < count)}
      aria-label={t('tickAll', { count })}
    />
  );
}

/**
 * A place on the page for each row in sight, kept as long as the row is and then
 * given to another: to fill a row anew is cheaper than to make one.
 */
function useSlots(indices: readonly number[]): { of(index: number): number } {
  const slots = useRef(new Map<number, number>());
  return useMemo(() => {
    const wanted = new Set(indices);
    const free = [...slots.current].filter(([index]) => !wanted.has(index)).map(([, slot]) => slot);
    const next = new Map<number, number>();
    for (const index of indices) {
      const slot = slots.current.get(index);
      if (slot !== undefined) next.set(index, slot);
    }
    let unused = Math.max(-1, ...slots.current.values()) + 1;
    for (const index of indices) if (!next.has(index)) next.set(index, free.shift() ?? unused++);
    slots.current = next;
    return { of: (index: number) => next.get(index) ?? index };
  }, [indices.join()]);
}

/** Sizes are in rem, and the rem grows with the window. */
function useRowHeight(): number {
  const measure = () => ROW * parseFloat(getComputedStyle(document.documentElement).fontSize);
  const [height, setHeight] = useState(measure);
  useEffect(() => {
    const onResize = () => setHeight(measure());
    window.addEventListener('resize', onResize);
    return () => window.removeEventListener('resize', onResize);
  }, []);
  return height;
}
