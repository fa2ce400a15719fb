import { useApolloClient } from '@apollo/client/react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

import { useFollow } from '../bulk/useFollow.tsx';
import { newKey } from '../graphql/key.ts';
import type { UndoConflict } from '../graphql/types.generated.ts';
import { useToast } from '../shell/toast.tsx';
import { inTheWay } from './conflict.ts';
import { useInTheWayInWords } from './inTheWay.ts';
import { takeBack, type Wanted } from './takeBack.ts';

/** What a notice's Undo does. */
export type Undo = (() => void) | undefined;

/** Returns a function that undoes changes by their ids; undefined if there are none. `after` runs when they are undone. */
export function useTakeBack(): (changes: readonly string[], after?: () => void) => Undo {
  const client = useApolloClient();
  const { t } = useTranslation('changes');
  const toast = useToast();
  const inWords = useInTheWayInWords();
  const follow = useFollow();
  const [, navigate] = useLocation();
  return useMemo(() => {
    const run = async (wanted: readonly Wanted[], after?: () => void, onConflict?: UndoConflict): Promise<void> => {
      const key = newKey();
      let left = wanted;
      let made: string[] = [];
      const act = async () => {
        const outcome = await takeBack(client, left, { key, ...(onConflict !== undefined && { onConflict }) });
        made = [...made, ...outcome.made];
        left = outcome.left;
        if (outcome.made.length > 0) after?.();
        if (outcome.error !== undefined) throw outcome.error;
        for (const job of outcome.jobs) follow(job, { over: () => t('undone'), after });
        if (outcome.jobs.length === 0) toast.done(t('undone'));
      };
      const explain = async (error: unknown) => {
        const way = await inTheWay(client, error, left[0]?.change ?? '');
        if (way === undefined) return undefined;
        const actions =
          way.what === 'cid'
            ? [{ label: t('bringBackRenamed'), run: () => void run(left, after, 'RENAME') }]
            : [{ label: t('seeInActivity'), run: () => navigate(`/activity?change=${way.change?.id ?? left[0]?.change}`) }];
        return { text: inWords(way), actions };
      };
      await toast.attempt(act, explain);
    };
    return (changes, after) => (changes.length === 0 ? undefined : () => void run(changes.map((change) => ({ change })), after));
  }, [client, t, toast, navigate, follow]); // inWords depends on the language alone, as t does.
}
