import { useMutation } from '@apollo/client/react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { changesIn } from '../../changes/answer.ts';
import { useOvertaken } from '../../changes/useOvertaken.ts';
import { useUndo } from '../../changes/useUndo.ts';
import { newKey, once } from '../../graphql/key.ts';
import { useToast } from '../../shell/toast.tsx';
import { ChannelFreezeDocument, ChannelPinMessageDocument, type PostFragment } from './channel.generated.ts';

/** Pins a message, or unpins it; the notice undoes that. */
export function usePin() {
  const { t } = useTranslation('channel');
  const toast = useToast();
  const undo = useUndo();
  const overtaken = useOvertaken();
  const [mutate] = useMutation(ChannelPinMessageDocument);
  return useMemo(
    () => (post: PostFragment) => {
      const key = newKey();
      const pinned = post.pinnedAt === null;
      void toast.attempt(async () => {
        const answer = await mutate({ variables: { input: { cid: post.cid, messageId: post.id, pinned, ifVersion: post.version } }, context: once(key) });
        toast.done(pinned ? t('pinDone') : t('unpinDone'), undo(changesIn(answer)));
      }, overtaken);
    },
    [mutate, t, toast, undo, overtaken],
  );
}

/** Puts a text on the clipboard, and says so. */
export function useCopy() {
  const toast = useToast();
  return useMemo(
    () => (text: string, words: string) => {
      const { clipboard } = navigator as { clipboard?: Clipboard }; // Absent where the page came over plain HTTP.
      void clipboard?.writeText(text).then(
        () => toast.done(words),
        () => undefined,
      );
    },
    [toast],
  );
}

/** Closes a channel to plain users, or opens it again; the notice undoes that. */
export function useFreeze(head: { cid: string; version: string } | undefined, again: () => void) {
  const { t } = useTranslation('channel');
  const toast = useToast();
  const undo = useUndo();
  const overtaken = useOvertaken();
  const [mutate, { loading }] = useMutation(ChannelFreezeDocument);
  const freeze = async (frozen: boolean): Promise<void> => {
    if (head === undefined) return;
    const key = newKey();
    await toast.attempt(async () => {
      const answer = await mutate({ variables: { input: { cid: head.cid, frozen, ifVersion: head.version } }, context: once(key) });
      toast.done(frozen ? t('freezeDone') : t('unfreezeDone'), undo(changesIn(answer), again));
    }, overtaken);
  };
  return { freeze, freezing: loading };
}
