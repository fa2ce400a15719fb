import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { place } from './place.ts';
import type { Row } from './rows.ts';

/** Which channels are selected, by cid. They stay so when a search hides their rows. */
export interface Selection {
  all: ReadonlySet<string>;
  /** Selects a row, or no longer; with `range` all rows from the last one on, as that was. */
  toggle(shown: readonly Row[], index: number, range: boolean): void;
  /** Selects all these rows, or none of them. */
  set(rows: readonly { cid: string }[], selected: boolean): void;
  clear(): void;
}

export function useSelection(): Selection {
  const [all, setAll] = useState(place.selected);
  useEffect(() => void (place.selected = all), [all]);
  const anchor = useRef<string | undefined>(undefined);

  const set = useCallback((rows: readonly { cid: string }[], selected: boolean) => {
    setAll((before) => {
      const now = new Set(before);
      for (const { cid } of rows) {
        if (selected) now.add(cid);
        else now.delete(cid);
      }
      return now;
    });
  }, []);

  const toggle = useCallback((shown: readonly Row[], index: number, range: boolean) => {
    const row = shown[index];
    if (row === undefined) return;
    const from = range ? shown.findIndex(({ cid }) => cid === anchor.current) : -1;
    const start = anchor.current;
    if (from < 0) anchor.current = row.cid;
    setAll((before) => {
      const now = new Set(before);
      const selected = from < 0 ? !before.has(row.cid) : before.has(start ?? '');
      const rows = from < 0 ? [row] : shown.slice(Math.min(from, index), Math.max(from, index) + 1);
      for (const { cid } of rows) {
        if (selected) now.add(cid);
        else now.delete(cid);
      }
      return now;
    });
  }, []);

  const clear = useCallback(() => {
    anchor.current = undefined;
    setAll(new Set());
  }, []);

  return useMemo(() => ({ all, toggle, set, clear }), [all, toggle, set, clear]);
}
