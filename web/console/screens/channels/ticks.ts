import { useCallback, useMemo, useRef, useState } from 'react';

import type { Row } from './rows.ts';

/** Which channels are ticked, by cid. Ticks stay when a search hides their rows. */
export interface Ticks {
  all: ReadonlySet<string>;
  /** Ticks a row or takes its tick away; with `range` all rows from the last one on, as that was. */
  toggle(shown: readonly Row[], index: number, range: boolean): void;
  /** Ticks all these rows, or takes away their ticks. */
  set(rows: readonly { cid: string }[], ticked: boolean): void;
  clear(): void;
}

export function useTicks(): Ticks {
  const [all, setAll] = useState<ReadonlySet<string>>(() => new Set());
  const anchor = useRef<string | undefined>(undefined);

  const set = useCallback((rows: readonly { cid: string }[], ticked: boolean) => {
    setAll((before) => {
      const now = new Set(before);
      for (const { cid } of rows) {
        if (ticked) now.add(cid);
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
      const ticked = from < 0 ? !before.has(row.cid) : before.has(start ?? '');
      const rows = from < 0 ? [row] : shown.slice(Math.min(from, index), Math.max(from, index) + 1);
      for (const { cid } of rows) {
        if (ticked) now.add(cid);
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
