import { Checkbox, VisuallyHidden } from '@mantine/core';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';

import styles from './Table.module.css';

const NEAR_THE_END = 30;

export interface Column {
  /** Absent where the head is for screen readers alone. */
  shown?: boolean;
  label: string;
  className?: string | undefined;
}

interface Props<Item> {
  label: string;
  items: readonly Item[];
  idOf(item: Item): string;
  /** Whether these are all that match. */
  all: boolean;
  /** Whether they are those of the search before, while the new one is under way. */
  stale: boolean;
  chosen: ReadonlyMap<string, Item>;
  onChosen(chosen: ReadonlyMap<string, Item>): void;
  /** The end of the list comes into view: more is wanted. Undefined where it can't be had just now. */
  onEnd: (() => Promise<void>) | undefined;
  /** Those after the box that selects a row; the first one names the row. */
  columns: readonly Column[];
  /** Sets the columns' widths and the height of `rowHeight`, in rem. */
  rowClass: string | undefined;
  rowHeight: number;
  nameOf(item: Item): string;
  /** A cell's content for each column. What Tab is to stop at has the tabIndex, and data-control by which the arrow keys find it in the next row. */
  cells(item: Item, tabIndex: 0 | -1): readonly ReactNode[];
}

/** Rows to select, also ranges with Shift, of which only those in sight are drawn. The arrow keys go from row to row. */
export function ChoiceTable<Item>({ label, items, idOf, all, stale, chosen, onChosen, onEnd, columns, rowClass, rowHeight, nameOf, cells }: Props<Item>) {
  const { t } = useTranslation('shell');
  const scroller = useRef<HTMLDivElement>(null);
  const anchor = useRef(0);
  const [last, setFocused] = useState(0);
  const focused = Math.min(last, items.length - 1); // A search may have made the list shorter.
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight * Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
    overscan: 8,
    // The row with the focus stays, else the focus would be lost by scrolling.
    rangeExtractor: (range) => [...new Set([...defaultRangeExtractor(range), ...(focused < range.count ? [focused] : [])])].sort((a, b) => a - b),
  });
  const inSight = rows.getVirtualItems();
  useMore(!all && (inSight.at(-1)?.index ?? 0) >= items.length - NEAR_THE_END, items.length, onEnd);
  const move = useArrows(scroller, items.length, focused, setFocused, (to) => rows.scrollToIndex(to));

  const choose = (index: number, on: boolean, range: boolean) => {
    const next = new Map(chosen);
    const [from, to] = range ? [Math.min(anchor.current, index), Math.max(anchor.current, index)] : [index, index];
    for (const item of items.slice(from, to + 1)) {
      if (on) next.set(idOf(item), item);
      else next.delete(idOf(item));
    }
    anchor.current = index;
    onChosen(next);
  };
  const listed = items.filter((item) => chosen.has(idOf(item))).length;
  const chooseAll = (on: boolean) => onChosen(on ? new Map([...chosen, ...items.map((item) => [idOf(item), item] as const)]) : new Map());

  return (
    <div className={styles.scroller} ref={scroller} aria-busy={stale}>
      <div role="table" aria-label={label} aria-rowcount={all ? items.length + 1 : -1} onKeyDown={move}>
        <div role="rowgroup" className={styles.head}>
          <div role="row" aria-rowindex={1} data-head className={`${styles.row} ${rowClass}`}>
            <div role="columnheader">
              <Checkbox
                size="xs"
                aria-label={t('chooseAll')}
                checked={listed === items.length}
                indeterminate={listed > 0 && listed < items.length}
                onChange={(event) => chooseAll(event.currentTarget.checked)}
              />
            </div>
            {columns.map(({ label, className, shown = true }) => (
              <div key={label} role="columnheader" className={className}>
                {shown ? label : <VisuallyHidden>{label}</VisuallyHidden>}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" className={styles.body} style={{ height: rows.getTotalSize() }}>
          {inSight.map(({ index, start }) => {
            const item = items[index];
            if (item === undefined) return null;
            const id = idOf(item);
            const tabIndex = index === focused ? 0 : -1; // The other rows are the arrows' business, else it were a long way out of the list.
            return (
              <div
                key={id}
                role="row"
                aria-rowindex={index + 2}
                data-index={index}
                data-row={id}
                className={`${styles.row} ${rowClass}`}
                data-chosen={chosen.has(id) || undefined}
                style={{ transform: `translateY(${start}px)` }}
                onFocus={() => setFocused(index)}
              >
                <div role="cell">
                  <Checkbox
                    size="xs"
                    data-control="choose"
                    tabIndex={tabIndex}
                    aria-label={t('choose', { name: nameOf(item) })}
                    checked={chosen.has(id)}
                    onChange={(event) => choose(index, event.currentTarget.checked, event.nativeEvent instanceof MouseEvent && event.nativeEvent.shiftKey)}
                  />
                </div>
                {cells(item, tabIndex).map((content, at) => (
                  <div key={columns[at]?.label} role={at === 0 ? 'rowheader' : 'cell'} className={columns[at]?.className}>
                    {content}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Has the arrow keys go to the same control of the next row. */
function useArrows(scroller: RefObject<HTMLElement | null>, length: number, focused: number, setFocused: (row: number) => void, scrollTo: (row: number) => void) {
  const wanted = useRef<string>(undefined);
  // Before the next key: a frame later, Space would still choose the row before.
  useLayoutEffect(() => {
    const element = wanted.current !== undefined && scroller.current?.querySelector<HTMLElement>(wanted.current);
    if (!element) return;
    wanted.current = undefined;
    element.focus();
  });
  return (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const control = (event.target as HTMLElement).closest<HTMLElement>('[data-control]')?.dataset['control'];
    const menuOpen = (event.target as HTMLElement).getAttribute('aria-expanded') === 'true';
    if (step === undefined || control === undefined || menuOpen) return;
    const to = focused + step;
    if (to < 0 || to >= length) return;
    event.preventDefault();
    scrollTo(to);
    wanted.current = `[data-index="${to}"] [data-control="${control}"]`;
    setFocused(to);
  };
}

/** Asks once for each length of the list. */
function useMore(wanted: boolean, length: number, onEnd: (() => Promise<void>) | undefined): void {
  const asked = useRef(0);
  useEffect(() => {
    if (!wanted || onEnd === undefined || asked.current === length) return;
    asked.current = length;
    void onEnd().then(() => (asked.current = 0));
  }, [wanted, length, onEnd]);
}
