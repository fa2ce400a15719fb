import { useCallback, useState } from 'react';

import { storage } from '../../storage.ts';
import { EMPTY_DRAFT, type Draft } from '../channel/draft.ts';
import { forThese, NOBODY, type Audience } from './audience.ts';

/** What is written and not saved yet. */
export interface Written {
  draft: Draft;
  audience: Audience;
  /** The version of the saved draft that it began with; undefined for a new one. */
  version?: string | undefined;
}

export const NEW = 'new';
export const NOTHING: Written = { draft: EMPTY_DRAFT, audience: NOBODY };

const keyOf = (user: string, id: string) => `announcement:${user}:${id}`;

function kept(user: string, id: string): Written | undefined {
  try {
    return (JSON.parse(storage.getItem(keyOf(user, id)) ?? 'null') as Written | null) ?? undefined;
  } catch {
    return undefined;
  }
}

function keep(user: string, id: string, written: Written): void {
  try {
    storage.setItem(keyOf(user, id), JSON.stringify(written));
  } catch {
    // The tab's storage is full: it then lasts as long as the page.
  }
}

/** Begins an announcement to these channels, with what is written for a new one already. */
export function beginFor(user: string, cids: readonly string[]): void {
  keep(user, NEW, { ...(kept(user, NEW) ?? NOTHING), audience: forThese(cids) });
}

/** What is written, kept at every change: it outlives leaving the page, a reload, and an expired sign-in. What is saved is forgotten, as a version. */
export function useWritten(user: string, id: string, saved: Written) {
  const [written, setWritten] = useState(() => kept(user, id) ?? saved);
  const change = useCallback(
    (by: (written: Written) => Written) =>
      setWritten((now) => {
        const next = by(now);
        keep(user, id, next);
        return next;
      }),
    [user, id],
  );
  const forget = useCallback(
    (version?: string) => {
      storage.removeItem(keyOf(user, id));
      setWritten((now) => ({ ...now, version }));
    },
    [user, id],
  );
  return { written, change, forget };
}
