import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { place } from './place.ts';
import type { Matching, Row } from './rows.ts';

/** Which channels are selected, by cid. They stay so when a search hides their rows. */
export interface Selection {
  all: ReadonlySet<string>;
  /** Selects a row, or no longer; with `range` all rows from the last one on, as that was. */
  toggle(shown: readonly Row[], index: number, range: boolean): void;
  /** Selects all that match, or none of them. */
  set(rows: readonly { cid: string }[], selected: boolean): void;
  /** These are gone. */
  drop(cids: readonly string[]): void;
  /** What all match that were selected at once, and nothing besides; undefined if they were picked. */
  matching: Matching | undefined;
  clear(): void;
}

export function useSelection(shown: Matching): Selection {
  const [all, setAll] = useState(place.selected);
  useEffect(() => void (place.selected = all), [all]);
  const [matching, setMatching] = useState(place.matching);
  useEffect(() => void (place.matching = matching), [matching]);
  const now = useRef(shown);
  now.current = shown;
  const anchor = useRef<string | undefined>(undefined);

  const set = useCallback(
    (rows: readonly { cid: string }[], selected: boolean) => {
      const next = new Set(all);
      for (const { cid } of rows) {
        if (selected) next.add(cid);
        else next.delete(cid);
      }
      setAll(next);
      setMatching(selected && next.size === rows.length ? now.current : undefined);
    },
    [all],
  );
  const drop = useCallback((cids: readonly string[]) => {
    const gone = new Set(cids);
    setAll((before) => new Set([...before].filter((cid) => !gone.has(cid))));
  }, []);

  const toggle = useCallback((shown: readonly Row[], index: number, range: boolean) => {
    const row = shown[index];
    if (row === undefined) return;
    const from = range ? shown.findIndex(({ cid }) => cid === anchor.current) : -1;
    setMatching(undefined);
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
    setMatching(undefined);
  }, []);

  return useMemo(() => ({ all, matching, toggle, set, drop, clear }), [all, matching, toggle, set, drop, clear]);
}
