import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

import { useOvertaken } from '../../changes/useOvertaken.ts';
import { useUndo } from '../../changes/useUndo.ts';
import { newKey } from '../../graphql/key.ts';
import { named } from '../../people.ts';
import { useToast } from '../../shell/toast.tsx';
import type { Actions, Saved, Seen } from './actions.ts';
import { addressOf } from './address.ts';
import { place } from './place.ts';
import type { Row } from './rows.ts';

/** Tells that a channel was saved: a new one can be opened, and what was there before can come back. */
export function useTellSaved() {
  const { t } = useTranslation('channels');
  const toast = useToast();
  const undo = useUndo();
  const [, navigate] = useLocation();
  return (before: Row | undefined, { now, changes }: Saved, name: string): void => {
    if (before === undefined) {
      const open = (cid: string) => () => {
        place.left = true;
        navigate(addressOf(cid));
      };
      return toast.done(t('created', { name: called(name, now?.cid) }), undefined, now && open(now.cid));
    }
    const words =
      before.label === name ? t('saved', { name: called(name, before.cid) }) : t('renamed', { before: short(before.label), name: called(name, before.cid) });
    toast.done(words, undo(changes));
  };
}

/** Freezes channels, or opens them again, and answers with those that it did; the notice undoes that. */
export function useFreeze(actions: Actions) {
  const { t } = useTranslation('channels');
  const toast = useToast();
  const undo = useUndo();
  const overtaken = useOvertaken();
  return useCallback(
    async (of: readonly Row[], frozen: boolean): Promise<readonly Seen[]> => {
      const key = newKey();
      let left: readonly Seen[] = of.filter((row) => row.frozen !== frozen);
      const all: Seen[] = [];
      await toast.attempt(async () => {
        const { done, changes, error } = await actions.freeze(left, frozen, key);
        all.push(...done);
        left = left.filter(({ cid }) => !done.some((each) => each.cid === cid));
        if (done.length > 0) toast.done(t(frozen ? 'frozenNow' : 'thawedNow', { count: done.length }), undo(changes));
        if (error !== undefined) throw error;
      }, overtaken);
      return all;
    },
    [actions, t, toast, undo, overtaken],
  );
}

/** A channel within a sentence: two may have one name, so with the cid. */
const called = (name: string, cid: string | undefined): string => named({ id: cid ?? short(name), name: short(name) });

/** A name within a sentence: not too long. */
function short(name: string): string {
  const letters = [...name];
  return letters.length > 60 ? `${letters.slice(0, 60).join('')}…` : name;
}
