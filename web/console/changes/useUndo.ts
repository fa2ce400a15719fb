import { useApolloClient } from '@apollo/client/react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

import { useSession } from '../auth/session.ts';
import { useFollow } from '../bulk/useFollow.tsx';
import { newKey } from '../graphql/key.ts';
import type { UndoConflict } from '../graphql/types.generated.ts';
import { useToast, type Undo } from '../shell/toast.tsx';
import { OneChangeDocument } from './changes.generated.ts';
import { inTheWay } from './conflict.ts';
import { useInTheWayInWords } from './inTheWay.ts';
import { undoAll, type Wanted } from './undo.ts';
import { mayUndo } from './words.ts';

/** Returns a function that looks which of some changes can be undone, and returns what undoes those. `after` runs when they are undone. */
export function useUndo(): (changes: readonly string[], after?: () => void) => Promise<Undo> {
  const client = useApolloClient();
  const { t } = useTranslation('changes');
  const toast = useToast();
  const inWords = useInTheWayInWords();
  const follow = useFollow();
  const { holder } = useSession();
  const [, navigate] = useLocation();
  return useMemo(() => {
    /** Whether the record of a change says that it can be undone; if it can't be read now, undo itself says. */
    const canUndo = (id: string): Promise<boolean> =>
      client.query({ query: OneChangeDocument, variables: { id }, fetchPolicy: 'network-only' }).then(
        ({ data }) => data?.change != null && mayUndo(data.change, holder?.id),
        () => true,
      );
    const run = async (wanted: readonly Wanted[], after?: () => void, onConflict?: UndoConflict): Promise<void> => {
      const key = newKey();
      let left = wanted;
      const act = async () => {
        const outcome = await undoAll(client, left, { key, ...(onConflict !== undefined && { onConflict }) });
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
    return async (changes, after) => {
      const can = await Promise.all(changes.map(canUndo));
      const wanted = changes.filter((_, at) => can[at]).map((change) => ({ change }));
      return wanted.length === 0 ? undefined : () => void run(wanted, after);
    };
  }, [client, t, toast, navigate, follow, holder?.id]); // inWords depends on the language alone, as t does.
}
